#ifndef SHIM_DIRECTORIES_H
#define SHIM_DIRECTORIES_H

#include "shim.h"

/* As getdents64 writes it. */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

enum { SEEK_START = 0, SEEK_HERE = 1 };

/* The directory's entries in the order in which the build sees them. */
struct entry **index_of(const struct snapshot *shot);

/* An entry and a number by which most pairs of entries are told apart. */
struct ranked {
	uint64_t key;
	struct entry *entry;
};

/* Puts the index in the order of the settings; `ranks` is room for twice as many. */
void sort_entries(struct entry **index, size_t count, struct ranked *ranks);

/* The caller's room into which whatever is small goes at once. */
enum { SERVED_AT_ONCE = sizeof(struct small_room) };

/*
 * Reads and sorts the whole directory, which is at its beginning. Returns 0 or a negative error. One that may be small
 * must be dropped, not kept.
 */
long take_snapshot(int fd, int may_be_small, const struct statx *file, struct snapshot *shot);
void drop_snapshot(struct snapshot *shot);

/*
 * A part of the directory was served before: the rest must come from the same moment. Puts the snapshot that these
 * descriptor and position belong to into `shot`; returns whether there is one.
 */
int recall_snapshot(int fd, uint64_t at, const struct statx *file, struct snapshot *shot);

/* The directory is read from its beginning: what was kept for this descriptor is of no use any more. */
void forget_snapshots(int fd, const struct statx *file);
void keep_snapshot(struct snapshot *shot);

#endif
