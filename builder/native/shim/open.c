/* Most files are opened as they are; a few of the system's describe the host and are replaced. */
#include <fcntl.h>

#include "shim.h"
#include "text.h"

enum { PATH_ROOM = 256 };

static const char *last_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

/* What the kernel calls the file that was opened; whatever way led there. */
static int read_path(long fd, char path[PATH_ROOM])
{
	char name[32];
	struct text link = { .bytes = name, .room = sizeof name - 1 };
	long size;

	put(&link, "/proc/self/fd/");
	put_number(&link, fd);
	name[link.size] = 0;
	size = real(SYS_readlink, name, path, PATH_ROOM - 1);
	if (size <= 0)
		return 0;
	path[size] = 0;
	return 1;
}

/* The kernel has read the path when it opened something, so we can. */
static long look_at(long fd, const char *path, int flags)
{
	char found[PATH_ROOM];

	/* Nobody could write one. */
	if (fd >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		fd = open_original(fd, flags);
	if (fd < 0 || !is_substituted_name(last_name(path)))
		return fd;
	/* Without a /proc the program's word must do. */
	return substitute(read_path(fd, found) ? found : path, fd, flags);
}

long handle_open(const struct call *call)
{
	const unsigned long *a = call->args;

	return look_at(real(SYS_open, a[0], a[1], a[2]), (const char *)a[0], a[1]);
}

long handle_openat(const struct call *call)
{
	const unsigned long *a = call->args;

	return look_at(real(SYS_openat, a[0], a[1], a[2], a[3]), (const char *)a[1], a[2]);
}
