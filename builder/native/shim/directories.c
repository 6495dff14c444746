/*
 * Directories are read whole, sorted, and served from a snapshot. The place within them is the index of the next
 * entry and is kept in the kernel's own file position: it behaves for rewinddir, seekdir, dup and fork.
 */
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "directories.h"

enum { POSITION_AT_END = 0x7ffffffe, AT_EMPTY = 0x1000, PAGE = 4096, AHEAD = 8,
	LOOK = STATX_INO | STATX_BTIME | STATX_CTIME | STATX_MNT_ID };

/* The older call has no type field but in the entry's last byte. */
struct old_entry {
	unsigned long inode;
	unsigned long next;
	uint16_t size;
	char name[];
};

enum { OLD_NAME_AT = offsetof(struct old_entry, name) };

/* Entries are kept as the newer call writes them. */
static size_t written_size(const struct entry *entry, int old)
{
	if (!old)
		return entry->size;
	return (OLD_NAME_AT + length(entry->name) + 2 + 7) & ~7ul;
}

static void write_old_entry(char *to, const struct entry *entry, const struct entry *place)
{
	size_t size = written_size(entry, 1);
	struct old_entry *new = (struct old_entry *)to;

	*new = (struct old_entry){ .inode = place->inode, .next = place->next, .size = size };
	clear(new->name, size - OLD_NAME_AT);
	copy(new->name, entry->name, length(entry->name) + 1);
	to[size - 1] = entry->type;
}

static void write_entry(char *to, const struct entry *entry, const struct entry *place, int old)
{
	struct entry *new = (struct entry *)to;

	if (old) {
		write_old_entry(to, entry, place);
		return;
	}
	for (size_t at = offsetof(struct entry, size); at < entry->size; at += sizeof(uint64_t))
		*(word *)(to + at) = *(const word *)((const char *)entry + at);
	new->inode = place->inode;
	new->next = place->next;
}

static uint64_t key_of(const struct snapshot *shot, const struct entry *entry, uint64_t mount)
{
	return inode_key(entry->inode, shot->device, mount);
}

/* The host may have given it the inode of a removed file, which had a number of its own; 0 if it has not. */
static uint32_t find_birth(const struct snapshot *shot, const struct entry *entry, uint64_t key)
{
	struct statx file;

	if (!was_looked_at(key) ||
		real(SYS_statx, shot->fd, entry->name, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &file) < 0 ||
		file.stx_ino != entry->inode || makedev(file.stx_dev_major, file.stx_dev_minor) != shot->device)
		return 0;
	return birth_of(&file);
}

/* As the file itself shows it. What is mounted read-only is never removed. */
static uint64_t number_of(const struct snapshot *shot, const struct entry *entry, uint64_t mount)
{
	uint64_t key = key_of(shot, entry, mount);

	if (is_relaxed(CLASS_FILE))
		return entry->inode;
	return inode_number(key, mount ? 0 : find_birth(shot, entry, key));
}

static uint64_t mount_of(const struct statx *file)
{
	return is_input(file) ? file->stx_mnt_id : 0;
}

/* What comes soon lies anywhere in memory: fetches a later entry, and the inode of one between. */
static void look_ahead(const struct snapshot *shot, size_t at, uint64_t mount)
{
	struct entry **index = index_of(shot);

	if (at + 2 * AHEAD >= shot->count)
		return;
	__builtin_prefetch(index[at + 2 * AHEAD]);
	prefetch_inode(key_of(shot, index[at + AHEAD], mount));
}

/* Writes what fits from the given index on, and moves the index. Returns the bytes written or -EINVAL. */
static long serve(const struct snapshot *shot, const struct statx *file, uint64_t *at, char *to, size_t room, int old)
{
	struct entry **index = index_of(shot);
	uint64_t mount = mount_of(file);
	struct entry place;
	size_t used = 0;

	for (; *at < shot->count; ++*at) {
		struct entry *entry = index[*at];
		size_t size = written_size(entry, old);

		if (used + size > room)
			return used ? (long)used : -EINVAL;
		look_ahead(shot, *at, mount);
		place.inode = number_of(shot, entry, mount);
		place.next = *at + 1;
		write_entry(to + used, entry, &place, old);
		used += size;
	}
	return used;
}

struct buffer {
	char *to;
	size_t room;
	int is_writable;
};

/* Entries that fit the page where a buffer begins are served even if the next one cannot be written. */
static long serve_safely(const struct snapshot *shot, const struct statx *file, uint64_t *at, struct buffer buffer, int old)
{
	size_t rest = PAGE - (unsigned long)buffer.to % PAGE;
	long result;

	if (buffer.is_writable)
		return serve(shot, file, at, buffer.to, buffer.room, old);
	if (rest >= buffer.room || !can_write(buffer.to, rest))
		return -EFAULT;
	result = serve(shot, file, at, buffer.to, rest, old);
	return result == -EINVAL ? -EFAULT : result;
}

/* In the host's own order, which only numbers may have to be taken out of: both calls write them, and sizes, alike. */
static long read_as_host(const struct call *call)
{
	char *to = (char *)call->args[1];
	long got = real(call->nr, call->args[0], to, call->args[2]);
	struct statx file;
	uint64_t device;

	if (got <= 0 || is_relaxed(CLASS_FILE) ||
		real(SYS_statx, call->args[0], "", AT_EMPTY, LOOK, &file) < 0)
		return got;
	device = makedev(file.stx_dev_major, file.stx_dev_minor);
	for (long at = 0; at < got; at += ((struct entry *)(to + at))->size) {
		struct entry *entry = (struct entry *)(to + at);

		entry->inode = inode_number(inode_key(entry->inode, device, mount_of(&file)), 0);
	}
	return got;
}

static long read_directory(const struct call *call, int old)
{
	int fd = call->args[0];
	struct buffer buffer = { (char *)call->args[1], (unsigned)call->args[2], 0 };
	struct snapshot shot = { 0 };
	struct statx file;
	long at, result;
	uint64_t next;

	if (is_relaxed(CLASS_DIRECTORY))
		return read_as_host(call);
	count(CLASS_DIRECTORY);
	at = real(SYS_lseek, fd, 0, SEEK_HERE);
	if (at == POSITION_AT_END)
		return 0;
	if (at < 0 || real(SYS_statx, fd, "", AT_EMPTY, LOOK, &file) < 0)
		return real(call->nr, fd, buffer.to, buffer.room);
	buffer.is_writable = can_write(buffer.to, buffer.room);
	if (!at)
		forget_snapshots(fd, &file);
	if (!at || !recall_snapshot(fd, at, &file, &shot)) {
		if (at)
			real(SYS_lseek, fd, 0, SEEK_START);
		result = take_snapshot(fd, !at && buffer.is_writable && buffer.room >= SERVED_AT_ONCE, &file, &shot);
		if (result < 0) {
			real(SYS_lseek, fd, at, SEEK_START);
			return result;
		}
	}
	shot.fd = fd;
	next = at;
	result = serve_safely(&shot, &file, &next, buffer, old);
	if (result < 0)
		next = at;
	real(SYS_lseek, fd, next < shot.count ? (long)next : POSITION_AT_END, SEEK_START);
	shot.next = next;
	if (next < shot.count)
		keep_snapshot(&shot);
	else
		drop_snapshot(&shot);
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
