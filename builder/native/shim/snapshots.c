/* Directories that are still being served. */
#include <linux/kcmp.h>
#include <sys/sysmacros.h>

#include "directories.h"

enum { SLOT_FREE = 0, SLOT_BUSY = 1, SLOT_FULL = 2 };

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
