/*
 * Dynamic loaders that bring the shim along: a copy whose entry first maps the image covers the original, so that
 * programs that are started by it need no supervisor. Where the image cannot be opened, as in a root of the build's
 * own, the copy has the supervisor catch it, as any other program. Beside it lies the code of its C library, whose
 * system calls are redirected as the copy's own are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "image.h"
#include "loader-code.h"
#include "tracer.h"

enum { MAX_FILE = 16 << 20, PATH_SIZE = FOLDER_ROOM + 32 };

static int make_path(char path[PATH_SIZE], const struct tracer *tracer, const char *name, int number)
{
	return snprintf(path, PATH_SIZE, number < 0 ? "%s/%s" : "%s/%s-%d", tracer->loaders.folder, name, number);
}

/* Below the working directory, which will be the root. */
static const char *relative(const char *path)
{
	return path + 1;
}

int tracer_use_folder(struct tracer *tracer, const char *folder)
{
	if (strlen(folder) >= FOLDER_ROOM)
		return errno = ENAMETOOLONG, -1;
	strcpy(tracer->loaders.folder, folder);
	return mkdir(relative(folder), 0755);
}

/* Any process of the build opens it, whatever its user; it lies on a mount of its own, for the root may not be written. */
static int make_image_file(const struct tracer *tracer)
{
	char path[PATH_SIZE];
	int file;

	if (!tracer->loaders.folder[0])
		return memfd_create("shim", MFD_CLOEXEC);
	make_path(path, tracer, "image", -1);
	file = open(relative(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file < 0 || fchmod(file, 0666) < 0 || close(file) < 0 ||
		mount(relative(path), relative(path), NULL, MS_BIND, NULL) < 0)
		return -1;
	return open(relative(path), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

int tracer_make_image(struct tracer *tracer)
{
	tracer->image = make_image_file(tracer);
	return tracer->image < 0 ? -1 : fill_image(tracer->image, &tracer->settings, &tracer->loaders);
}

/* All of a file that is small enough; NULL with errno. */
static unsigned char *read_all(int file, struct stat *status)
{
	unsigned char *bytes;

	if (fstat(file, status) < 0)
		return NULL;
	if (!S_ISREG(status->st_mode) || status->st_size > MAX_FILE)
		return errno = ENOEXEC, NULL;
	bytes = malloc(status->st_size);
	if (bytes && pread(file, bytes, status->st_size, 0) != status->st_size) {
		free(bytes);
		return errno = EIO, NULL;
	}
	return bytes;
}

/* Bytes of a file that lie in its copy where they lie in the file; in the place of one that was not used after all. */
static int write_copy(const char *path, mode_t mode, const unsigned char *bytes, size_t size, off_t offset)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), result;

	if (file < 0)
		return -1;
	result = pwrite(file, bytes, size, offset) == (ssize_t)size ? fchmod(file, mode) : -1;
	/* What is open for writing cannot be executed. */
	return close(file) < 0 ? -1 : result;
}

static int copy_loader(const struct tracer *tracer, int original, const char *copy)
{
	char image[PATH_SIZE];
	struct stat status;
	unsigned char *bytes = read_all(original, &status);
	int result = -1;

	make_path(image, tracer, "image", -1);
	if (bytes && enter_image_first(bytes, status.st_size, image) == 0)
		result = write_copy(copy, status.st_mode & 0777, bytes, status.st_size, 0);
	free(bytes);
	return result;
}

/* Of a library only the code is copied: whoever maps that gets this instead. */
static int copy_library(const struct tracer *tracer, int original, struct library *library)
{
	char copy[PATH_SIZE];
	struct stat status;
	unsigned char *bytes = read_all(original, &status);
	int result = -1;

	make_path(copy, tracer, "library", tracer->loaders.count);
	if (bytes && redirect_library(bytes, status.st_size, library) == 0) {
		library->device = status.st_dev;
		library->inode = status.st_ino;
		result = write_copy(relative(copy), 0555, bytes + library->offset, library->size, library->offset);
	}
	free(bytes);
	return result;
}

/* The shim finds the original behind this name. */
static int keep_original(const struct tracer *tracer, int original)
{
	char path[PATH_SIZE], source[32];
	int file;

	make_path(path, tracer, "original", tracer->loaders.count);
	snprintf(source, sizeof source, "/proc/self/fd/%d", original);
	file = open(relative(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return file < 0 || close(file) < 0 ? -1 : mount(source, relative(path), NULL, MS_BIND, NULL);
}

static int describe(const struct tracer *tracer, struct loader *loader, int original, const char *copy)
{
	char path[PATH_SIZE];
	struct statx file;

	make_path(path, tracer, "original", tracer->loaders.count);
	if (statx(original, "", AT_EMPTY_PATH, STATX_MNT_ID, &file) < 0)
		return -1;
	loader->mount = file.stx_mnt_id;
	if (statx(AT_FDCWD, relative(path), 0, STATX_MNT_ID, &file) < 0)
		return -1;
	loader->kept = file.stx_mnt_id;
	if (statx(AT_FDCWD, copy, 0, STATX_INO, &file) < 0)
		return -1;
	loader->device = makedev(file.stx_dev_major, file.stx_dev_minor);
	loader->inode = file.stx_ino;
	return 0;
}

int tracer_cover_loader(struct tracer *tracer, int original, int library, const char *path)
{
	static const unsigned long kept = MS_RDONLY | MS_NOSUID | MS_NODEV;
	struct loaders *loaders = &tracer->loaders;
	char copy[PATH_SIZE];

	if (loaders->count == LOADERS)
		return errno = ENOEXEC, -1;
	make_path(copy, tracer, "loader", loaders->count);
	if (copy_loader(tracer, original, relative(copy)) < 0 ||
		copy_library(tracer, library, &loaders->libraries[loaders->count]) < 0 || keep_original(tracer, original) < 0 ||
		describe(tracer, &loaders->items[loaders->count], original, relative(copy)) < 0)
		return -1;
	if (mount(relative(copy), path, NULL, MS_BIND, NULL) < 0 ||
		mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | kept, NULL) < 0)
		return -1;
	loaders->count++;
	return 0;
}
