/* What is opened in the place of other files: files in memory, or pipes where a file may not be that large. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "shim.h"
#include "text.h"

enum { PIECE = 1 << 16, RANDOM_OWN = 1 << 20, RANDOM_ROOM = 1 << 21, RANDOM_SIZE = 1 << 30 };

/* A new file in memory, with the mode that the kernel's have. */
static long create_file(int flags)
{
	long fd = real(SYS_memfd_create, "file", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);

	if (fd >= 0)
		real(SYS_fchmod, fd, 0444);
	return fd;
}

/* How large a file may be; one that is larger would end the program. */
static uint64_t file_limit(void)
{
	struct rlimit64 limit = { RLIM64_INFINITY, RLIM64_INFINITY };

	real(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit);
	return limit.rlim_cur;
}

/* Where a file may not be that large: a pipe that holds all of it, at whose other end nobody is. */
static long make_pipe(const char *bytes, size_t size, int flags)
{
	int ends[2];
	long result = real(SYS_pipe2, ends, (flags & O_CLOEXEC) | O_NONBLOCK);

	if (result < 0)
		return result;
	if (size > PIECE)
		real(SYS_fcntl, ends[1], F_SETPIPE_SZ, size);
	result = real(SYS_write, ends[1], bytes, size);
	real(SYS_close, ends[1]);
	real(SYS_fcntl, ends[0], F_SETFL, flags & O_NONBLOCK);
	if (result == (long)size)
		return ends[0];
	real(SYS_close, ends[0]);
	return -EFBIG;
}

long make_file(const struct text *text, int flags)
{
	long fd;

	if (text->size > file_limit())
		return make_pipe(text->bytes, text->size, flags);
	fd = create_file(flags);
	if (fd < 0)
		return fd;
	real(SYS_write, fd, text->bytes, text->size);
	real(SYS_lseek, fd, 0, 0);
	return fd;
}

static long make_random_pipe(unsigned char *bytes, int flags)
{
	fill_random(bytes, PIECE);
	return make_pipe((const char *)bytes, PIECE, flags);
}

/* The first MiB is of the stream; what follows is made of it, piece by piece, and takes nothing more from the stream. */
static int write_random(int fd, unsigned char *bytes, size_t size)
{
	for (size_t done = 0; done < size; done += PIECE) {
		size_t part = size - done < PIECE ? size - done : PIECE;

		if (done < RANDOM_OWN)
			fill_random(bytes, part);
		else
			stir(bytes, part);
		if (real(SYS_pwrite64, fd, bytes, part, done) != (long)part)
			return 0;
	}
	return 1;
}

/* Nobody reads more than a few bytes of it, but for tests that want a large file: those get zeros behind the second MiB. */
static long write_random_file(unsigned char *bytes, int flags)
{
	uint64_t size = file_limit();
	long fd;

	if (size < PIECE)
		return make_random_pipe(bytes, flags);
	fd = create_file(flags);
	if (fd < 0)
		return fd;
	size = size < RANDOM_SIZE ? size : RANDOM_SIZE;
	real(SYS_ftruncate, fd, size);
	if (write_random(fd, bytes, size < RANDOM_ROOM ? size : RANDOM_ROOM))
		return fd;
	real(SYS_close, fd);
	return -ENOMEM;
}

long make_random_file(int flags)
{
	long at = real(SYS_mmap, NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), result;

	if (at < 0)
		return -ENOMEM;
	result = write_random_file((unsigned char *)at, flags);
	real(SYS_munmap, at, PIECE);
	return result;
}
