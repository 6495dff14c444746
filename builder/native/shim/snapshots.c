/* A directory read whole and sorted, and those that are still being served. */
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "directories.h"

enum { FIRST_SIZE = 1 << 17 };

/* The smallest entry takes 24 bytes; its place in the index and what sorting needs, 40 more behind all entries. */
static size_t room_for_entries(size_t room)
{
	return room / 8 * 3;
}

struct entry **index_of(const struct snapshot *shot)
{
	return (struct entry **)(shot->entries + shot->size) - shot->count;
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

long take_snapshot(int fd, const struct statx *file, struct snapshot *shot)
{
	long used;

	*shot = (struct snapshot){ .device = makedev(file->stx_dev_major, file->stx_dev_minor), .inode = file->stx_ino };
	real(SYS_lseek, fd, 0, SEEK_START);
	used = read_entries(fd, shot);
	if (used < 0)
		return used;
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
	if (shot->entries)
		real(SYS_munmap, shot->entries, shot->size);
	*shot = (struct snapshot){ 0 };
}

/* Snapshots of this process; another thread's use of them makes us do without. */
static int enter(void)
{
	return !__atomic_exchange_n(&state->lock, 1, __ATOMIC_ACQUIRE);
}

static void leave(void)
{
	__atomic_store_n(&state->lock, 0, __ATOMIC_RELEASE);
}

int recall_snapshot(const struct statx *file, struct snapshot *shot)
{
	uint64_t device = makedev(file->stx_dev_major, file->stx_dev_minor);
	int found = 0;

	if (!enter())
		return 0;
	for (int i = 0; i < SNAPSHOTS && !found; i++) {
		if (!state->snapshots[i].entries || state->snapshots[i].inode != file->stx_ino ||
			state->snapshots[i].device != device)
			continue;
		*shot = state->snapshots[i];
		state->snapshots[i] = (struct snapshot){ 0 };
		found = 1;
	}
	leave();
	return found;
}

void keep_snapshot(struct snapshot *shot)
{
	struct snapshot *slot;

	if (!enter()) {
		drop_snapshot(shot);
		return;
	}
	slot = &state->snapshots[state->next_snapshot++ % SNAPSHOTS];
	drop_snapshot(slot);
	*slot = *shot;
	leave();
}
