/* The part of a build that lies on disk: its store directory, with a place for each input, and its /tmp. */
#include "sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_directory(const struct build *build, int at, const char *name, mode_t mode)
{
	const struct spec *spec = &build->spec;

	if (mkdirat(at, name, 0700) < 0)
		return -1;
	if (spec->host_uid != (uid_t)-1 &&
	    fchownat(at, name, spec->host_uid, spec->host_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	/* The mode comes last: changing the owner may clear bits, and mkdir heeds the umask. */
	return fchmodat(at, name, mode, 0);
}

int copy_link(const char *source, int at, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlink(source, target, sizeof target - 1);

	if (length < 0)
		return -1;
	target[length] = 0;
	return symlinkat(target, at, name);
}

/* What a bind mount of `input` can be put on; a symlink has no mounts, so it is made anew. */
static int make_place(const struct input *input, int at)
{
	struct stat status;
	int file;

	if (lstat(input->host, &status) < 0)
		return -1;
	if (S_ISLNK(status.st_mode))
		return copy_link(input->host, at, input->name);
	if (S_ISDIR(status.st_mode))
		return mkdirat(at, input->name, 0700);
	file = openat(at, input->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return file < 0 ? -1 : close(file);
}

int prepare_staging(struct build *build)
{
	const struct spec *spec = &build->spec;
	int staging = open(spec->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int store;

	build->about = spec->staging;
	if (staging < 0 || make_directory(build, staging, "store", 0755) < 0 ||
	    make_directory(build, staging, "tmp", 01777) < 0 ||
	    make_directory(build, staging, "tmp/guix-build-0", 0755) < 0)
		return -1;
	store = openat(staging, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store < 0)
		return -1;
	for (size_t i = 0; i < spec->input_count; i++) {
		build->about = spec->inputs[i].host;
		if (make_place(&spec->inputs[i], store) < 0)
			return -1;
	}
	close(store);
	close(staging);
	return 0;
}
