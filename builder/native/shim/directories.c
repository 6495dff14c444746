/*
 * Directories are read whole, sorted, and served from a snapshot. The place within them is the index of the next
 * entry and is kept in the kernel's own file position: it behaves for rewinddir, seekdir, dup and fork.
 */
#include <dirent.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "shim.h"

enum { FIRST_SIZE = 1 << 16, POSITION_AT_END = 0x7ffffffe, SEEK_START = 0, SEEK_HERE = 1, AT_EMPTY = 0x1000 };

struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

/* The older call has no type field but in the entry's last byte. */
struct old_entry {
	unsigned long inode;
	unsigned long next;
	uint16_t size;
	char name[];
};

enum { NAME_AT = offsetof(struct entry, name), OLD_NAME_AT = offsetof(struct old_entry, name) };

static struct entry **index_of(const struct snapshot *shot)
{
	return (struct entry **)(shot->entries + shot->size);
}

/* Memory for the entries, with room for an index of them behind. */
static long read_entries(int fd, struct snapshot *shot)
{
	size_t room = FIRST_SIZE, used = 0;
	long got = real(SYS_mmap, NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (got < 0)
		return got;
	shot->entries = (char *)got;
	shot->size = room;
	/* The smallest entry takes 24 bytes, its index 8: a quarter of the room is kept for that. */
	while ((got = real(SYS_getdents64, fd, shot->entries + used, room / 4 * 3 - used)) > 0) {
		used += got;
		if (room / 4 * 3 - used > FIRST_SIZE / 2)
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

static int comes_before(const struct entry *a, const struct entry *b)
{
	uint64_t x, y;

	if (settings->order == ORDER_REVERSED)
		return compare(a->name, b->name) > 0;
	if (settings->order != ORDER_SHUFFLED)
		return compare(a->name, b->name) < 0;
	x = y = settings->seed[1];
	for (const char *c = a->name; *c; c++)
		x = mix(x + *c);
	for (const char *c = b->name; *c; c++)
		y = mix(y + *c);
	return x < y;
}

static void sink(struct entry **index, size_t at, size_t count_of)
{
	struct entry *moved = index[at];

	for (size_t child; (child = 2 * at + 1) < count_of; at = child) {
		if (child + 1 < count_of && comes_before(index[child], index[child + 1]))
			child++;
		if (!comes_before(moved, index[child]))
			break;
		index[at] = index[child];
	}
	index[at] = moved;
}

static void sort(struct entry **index, size_t count_of)
{
	for (size_t i = count_of / 2; i-- > 0;)
		sink(index, i, count_of);
	for (size_t i = count_of; i-- > 1;) {
		struct entry *last = index[i];

		index[i] = index[0];
		index[0] = last;
		sink(index, 0, i);
	}
}

/* Reads and sorts the whole directory. Returns 0 or a negative error. */
static long take(int fd, const struct statx *file, struct snapshot *shot)
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

		index_of(shot)[-(long)++shot->count] = entry;
		at += entry->size;
	}
	sort(index_of(shot) - shot->count, shot->count);
	return 0;
}

static void drop(struct snapshot *shot)
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

/* A part of the directory was served before: the rest must come from the same moment. */
static int recall(const struct statx *file, struct snapshot *shot)
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

static void keep(struct snapshot *shot)
{
	struct snapshot *slot;

	if (!enter()) {
		drop(shot);
		return;
	}
	slot = &state->snapshots[state->next_snapshot++ % SNAPSHOTS];
	drop(slot);
	*slot = *shot;
	leave();
}

static size_t written_size(const struct entry *entry, int old)
{
	size_t size = length(entry->name) + 1 + (old ? OLD_NAME_AT + 1 : NAME_AT);

	return (size + 7) & ~7ul;
}

static void write_entry(char *to, const struct entry *entry, const struct entry *place, int old)
{
	size_t size = written_size(entry, old), name = length(entry->name) + 1;
	struct entry *new = (struct entry *)to;
	struct old_entry *older = (struct old_entry *)to;

	if (old) {
		*older = (struct old_entry){ .inode = place->inode, .next = place->next, .size = size };
		clear(older->name, size - OLD_NAME_AT);
		copy(older->name, entry->name, name);
		to[size - 1] = entry->type;
		return;
	}
	*new = (struct entry){ .inode = place->inode, .next = place->next, .size = size, .type = entry->type };
	clear(new->name, size - NAME_AT);
	copy(new->name, entry->name, name);
}

/* Writes what fits from the given index on, and moves the index. Returns the bytes written or -EINVAL. */
static long serve(const struct snapshot *shot, const struct statx *file, uint64_t *at, char *to, size_t room, int old)
{
	struct entry **index = index_of(shot) - shot->count;
	uint64_t mount = is_input(file) ? file->stx_mnt_id : 0;
	struct entry place;
	size_t used = 0;

	for (; *at < shot->count; ++*at) {
		struct entry *entry = index[*at];
		size_t size = written_size(entry, old);

		if (used + size > room)
			return used ? (long)used : -EINVAL;
		place.inode = inode_number(inode_key(entry->inode, shot->device, mount), 0);
		place.next = *at + 1;
		write_entry(to + used, entry, &place, old);
		used += size;
	}
	return used;
}

static long read_directory(const struct call *call, int old)
{
	int fd = call->args[0];
	char *to = (char *)call->args[1];
	unsigned room = call->args[2];
	struct snapshot shot = { 0 };
	struct statx file;
	long at, result;
	uint64_t next;

	if (settings->order == ORDER_HOST)
		return real(call->nr, fd, to, room);
	at = real(SYS_lseek, fd, 0, SEEK_HERE);
	if (at == POSITION_AT_END)
		return 0;
	if (at < 0 || real(SYS_statx, fd, "", AT_EMPTY, STATX_INO | STATX_BTIME | STATX_CTIME | STATX_MNT_ID, &file) < 0)
		return real(call->nr, fd, to, room);
	if (!at || !recall(&file, &shot)) {
		result = take(fd, &file, &shot);
		if (result < 0) {
			real(SYS_lseek, fd, at, SEEK_START);
			return result;
		}
	}
	next = at;
	result = can_write(to, room) ? serve(&shot, &file, &next, to, room, old) : -EFAULT;
	if (result < 0)
		next = at;
	real(SYS_lseek, fd, next < shot.count ? (long)next : POSITION_AT_END, SEEK_START);
	if (next < shot.count)
		keep(&shot);
	else
		drop(&shot);
	return result;
}

long handle_getdents(const struct call *call)
{
	return read_directory(call, 1);
}

long handle_getdents64(const struct call *call)
{
	return read_directory(call, 0);
}
