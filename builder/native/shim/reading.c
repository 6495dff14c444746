/* A directory that is read whole, and sorted. */
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
