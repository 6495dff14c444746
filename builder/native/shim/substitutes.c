/* Files of the system with constant content. */
#include <fcntl.h>
#include <sys/mman.h>

#include "shim.h"

long substitute(const char *path, long fd, int flags)
{
	(void)path;
	(void)flags;
	return fd;
}
