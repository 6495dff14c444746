/*
 * Loaders that were covered with a copy of ours: whoever looks at one or opens it finds the original. Only the
 * kernel, when it starts a program, takes the copy. The libraries that belong to them are not covered: whoever maps
 * their code gets the redirected one.
 */
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "shim.h"
#include "text.h"

enum { NAME_ROOM = FOLDER_ROOM + 32 };

static uint64_t device_of(const struct statx *file)
{
	return makedev(file->stx_dev_major, file->stx_dev_minor);
}

static int find_loader(const struct statx *file)
{
	for (uint32_t i = 0; i < loaders->count; i++)
		if (loaders->items[i].inode == file->stx_ino && loaders->items[i].device == device_of(file))
			return i;
	return -1;
}

static void name_file(char path[NAME_ROOM], const char *name, int number)
{
	struct text text = { .bytes = path, .room = NAME_ROOM - 1 };

	put(&text, loaders->folder);
	put(&text, name);
	put_number(&text, number);
	path[text.size] = 0;
}

/* An original is seen where it was. */
static void show_place(struct statx *file)
{
	for (uint32_t i = 0; i < loaders->count; i++)
		if (loaders->items[i].kept == file->stx_mnt_id)
			file->stx_mnt_id = loaders->items[i].mount;
}

void show_original(struct statx *file)
{
	char path[NAME_ROOM];
	struct statx original;
	int number = find_loader(file);

	if (number >= 0) {
		name_file(path, "/original-", number);
		if (real(SYS_statx, AT_FDCWD, path, 0, KNOWN_FIELDS, &original) == 0)
			*file = original;
	}
	show_place(file);
}

/* The descriptor that is closed is the lowest, and so the next to be given out. */
long open_original(long fd, int flags)
{
	char path[NAME_ROOM];
	struct statx file;
	int number;

	if (!loaders->count || real(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_INO, &file) < 0)
		return fd;
	number = find_loader(&file);
	if (number < 0)
		return fd;
	name_file(path, "/original-", number);
	/* Not in a root of the build's own. */
	if (real(SYS_access, path, 0) < 0)
		return fd;
	real(SYS_close, fd);
	return real(SYS_open, path, flags, 0);
}

long open_library(long fd, uint64_t offset, size_t size)
{
	char path[NAME_ROOM];
	struct statx file;

	if (!loaders->count || real(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_INO, &file) < 0)
		return -ENOENT;
	for (uint32_t i = 0; i < loaders->count; i++) {
		const struct library *library = &loaders->libraries[i];

		if (library->inode != file.stx_ino || library->device != device_of(&file))
			continue;
		if (offset != library->offset || size > library->size)
			return -ENOENT;
		name_file(path, "/library-", i);
		return real(SYS_open, path, O_RDONLY | O_CLOEXEC, 0);
	}
	return -ENOENT;
}
