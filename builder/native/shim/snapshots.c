/* A directory read whole and sorted, and those that are still being served. */
#include <linux/kcmp.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "directories.h"

enum { FIRST_SIZE = 1 << 17, SLOT_FREE = 0, SLOT_BUSY = 1, SLOT_FULL = 2 };

/* The smallest entry takes 24 bytes; its place in the index and what sorting needs, 40 more behind all entries. */
static size_t room_for_entries(size_t room)
{
	return room / 8 * 3;
}

struct entry **index_of(const struct snapshot *shot)
{
	return (struct entry **)(shot->entries + shot->size) - shot->count;
}

static int is_small(const struct snapshot *shot)
{
	return shot->entries == state->small.bytes;
}

/* Returns -E2BIG if the room is too small or taken, for ever in a copy of this process, and is at the beginning again. */
static long read_small(int fd, struct snapshot *shot)
{
	const size_t room = room_for_entries(sizeof state->small.bytes);
	long used, got = -1;

	if (__atomic_exchange_n(&state->small.is_taken, 1, __ATOMIC_ACQUIRE))
		return -E2BIG;
	shot->entries = state->small.bytes;
	shot->size = sizeof state->small.bytes;
	used = real(SYS_getdents64, fd, shot->entries, room);
	if (used > 0)
		got = real(SYS_getdents64, fd, shot->entries + used, room - used);
	if (used == 0 || got == 0)
		return used;
	drop_snapshot(shot);
	real(SYS_lseek, fd, 0, SEEK_START);
	return -E2BIG;
}

static long read_entries(int fd, struct snapshot *shot)
{
	size_t room = FIRST_SIZE, used = 0;
	long got = real(SYS_mmap, NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (got < 0)
		return got;
	shot->entries = (char *)got;
	shot->size = room;
	while ((got = real(SYS_getdents64, fd, shot->entries + used, room_for_entries(room) - used)) > 0) {
		used += got;
		if (room_for_entries(room) - used > FIRST_SIZE / 4)
			continue;
		got = real(SYS_mremap, shot->entries, room, room * 2, MREMAP_MAYMOVE);
		if (got < 0)
			break;
		shot->entries = (char *)got;
		shot->size = room *= 2;
	}
	if (got < 0) {
		real(SYS_munmap, shot->entries, room);
		return got;
	}
	return used;
}

/* Lies before the index. */
static struct ranked *ranks_of(const struct snapshot *shot)
{
	return (struct ranked *)index_of(shot) - 2 * shot->count;
}

long take_snapshot(int fd, int may_be_small, const struct statx *file, struct snapshot *shot)
{
	long used;

	used = may_be_small ? read_small(fd, shot) : -E2BIG;
	if (used == -E2BIG)
		used = read_entries(fd, shot);
	if (used < 0)
		return used;
	shot->device = makedev(file->stx_dev_major, file->stx_dev_minor);
	shot->inode = file->stx_ino;
	/* The index grows downwards from the end of the memory. */
	for (long at = 0; at < used;) {
		struct entry *entry = (struct entry *)(shot->entries + at);

		shot->count++;
		*index_of(shot) = entry;
		at += entry->size;
	}
	sort_entries(index_of(shot), shot->count, ranks_of(shot));
	return 0;
}

void drop_snapshot(struct snapshot *shot)
{
	if (is_small(shot))
		__atomic_store_n(&state->small.is_taken, 0, __ATOMIC_RELEASE);
	else if (shot->entries)
		real(SYS_munmap, shot->entries, shot->size);
	*shot = (struct snapshot){ 0 };
}

/*
 * A slot is looked at by all, and taken by one, for a moment: no thread waits for another, and one that never comes
 * back, in a copy of this process or by a leap out of a signal's handler, takes one slot with it.
 */
static int take_slot(struct snapshot_slot *slot, uint32_t use)
{
	return __atomic_compare_exchange_n(&slot->use, &use, SLOT_BUSY, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void leave_slot(struct snapshot_slot *slot, uint32_t use)
{
	__atomic_store_n(&slot->use, use, __ATOMIC_RELEASE);
}

/* Takes what was seen in a slot, unless another thread has taken it meanwhile. */
static int take_seen(struct snapshot_slot *slot, uint32_t age)
{
	if (!take_slot(slot, SLOT_FULL))
		return 0;
	if (slot->age == age)
		return 1;
	leave_slot(slot, SLOT_FULL);
	return 0;
}

static int is_full(const struct snapshot_slot *slot)
{
	return __atomic_load_n(&slot->use, __ATOMIC_ACQUIRE) == SLOT_FULL;
}

static struct snapshot_slot *slots_end(void)
{
	return state->snapshots + __atomic_load_n(&state->snapshot_end, __ATOMIC_RELAXED);
}

/* Copies of a descriptor share its place. */
static int is_same_open(int fd, int other)
{
	int pid;

	if (fd == other)
		return 1;
	pid = real(SYS_getpid);
	return real(SYS_kcmp, pid, pid, KCMP_FILE, fd, other) == 0;
}

static int is_of(const struct snapshot *shot, const struct statx *file)
{
	return shot->inode == file->stx_ino && shot->device == makedev(file->stx_dev_major, file->stx_dev_minor);
}

/*
 * How well a snapshot fits: best where this descriptor has stopped, or else wherever it was moved to since, by the
 * program or by a process that shares it. The descriptor may be closed, and a copy of it go on where it has stopped.
 */
static int fitness(const struct snapshot *shot, int fd, uint64_t at, const struct statx *file)
{
	if (!is_of(shot, file))
		return 0;
	return 2 * is_same_open(fd, shot->fd) + (shot->next == at);
}

static int is_later(uint32_t age, uint32_t other)
{
	return (int32_t)(age - other) > 0;
}

/* The one that fits best, the latest of those, is taken; NULL when none fits. */
static struct snapshot_slot *take_fitting(int fd, uint64_t at, const struct statx *file)
{
	struct snapshot_slot *found;
	uint32_t age;
	int best;

	do {
		found = NULL;
		best = age = 0;
		for (struct snapshot_slot *slot = state->snapshots; slot < slots_end(); slot++) {
			uint32_t seen = slot->age;
			int fits = is_full(slot) ? fitness(&slot->shot, fd, at, file) : 0;

			if (fits < best || !fits || (fits == best && !is_later(seen, age)))
				continue;
			found = slot;
			age = seen;
			best = fits;
		}
	} while (found && !take_seen(found, age));
	return found;
}

int recall_snapshot(int fd, uint64_t at, const struct statx *file, struct snapshot *shot)
{
	struct snapshot_slot *slot = take_fitting(fd, at, file);

	if (!slot)
		return 0;
	*shot = slot->shot;
	leave_slot(slot, SLOT_FREE);
	return 1;
}

void forget_snapshots(int fd, const struct statx *file)
{
	for (struct snapshot_slot *slot = state->snapshots; slot < slots_end(); slot++) {
		uint32_t age = slot->age;

		if (!is_full(slot) || !is_of(&slot->shot, file) || !is_same_open(fd, slot->shot.fd) || !take_seen(slot, age))
			continue;
		drop_snapshot(&slot->shot);
		leave_slot(slot, SLOT_FREE);
	}
}

static void note_end(uint32_t used)
{
	uint32_t end = state->snapshot_end;

	while (end < used && !__atomic_compare_exchange_n(&state->snapshot_end, &end, used, 0, __ATOMIC_RELAXED,
			__ATOMIC_RELAXED))
		;
}

/* Whoever has left a directory half read for the longest time is the last to come back. */
static struct snapshot_slot *take_oldest(void)
{
	struct snapshot_slot *oldest;
	uint32_t age;

	do {
		oldest = NULL;
		age = 0;
		for (struct snapshot_slot *slot = state->snapshots; slot < slots_end(); slot++) {
			uint32_t seen = slot->age;

			if (!is_full(slot) || (oldest && !is_later(age, seen)))
				continue;
			oldest = slot;
			age = seen;
		}
	} while (oldest && !take_seen(oldest, age));
	if (oldest)
		drop_snapshot(&oldest->shot);
	return oldest;
}

static struct snapshot_slot *take_free(void)
{
	for (uint32_t i = 0; i < SNAPSHOTS; i++) {
		if (!take_slot(&state->snapshots[i], SLOT_FREE))
			continue;
		note_end(i + 1);
		return &state->snapshots[i];
	}
	return take_oldest();
}

void keep_snapshot(struct snapshot *shot)
{
	struct snapshot_slot *slot = take_free();

	if (!slot) {
		drop_snapshot(shot);
		return;
	}
	slot->shot = *shot;
	slot->age = __atomic_fetch_add(&state->snapshot_age, 1, __ATOMIC_RELAXED);
	leave_slot(slot, SLOT_FULL);
}
