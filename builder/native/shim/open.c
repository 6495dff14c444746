/* Most files are opened as they are; a few of the system's describe the host and are replaced. */
#include <fcntl.h>

#include "shim.h"

/* The kernel has read the path when it opened something, so we can. */
static long look_at(long fd, const char *path, int flags)
{
	if (fd < 0 || path[0] != '/')
		return fd;
	if (!starts_with(path, "/proc/") && !starts_with(path, "/dev/") && !starts_with(path, "/sys/"))
		return fd;
	return substitute(path, fd, flags);
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
