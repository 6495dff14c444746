/* The sandbox's side of the tracer. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int is_traced(const struct build *build)
{
	return build->spec.tracer.count > 0;
}

/* The spec comes from our own program: what it sets and we do not know is refused as the rest of it would be. */
static void read_settings(const struct spec *spec, struct tracer_settings *settings)
{
	for (size_t i = 0; i < spec->tracer.count; i += 2) {
		const char *name = spec->tracer.items[i], *value = spec->tracer.items[i + 1];

		if (tracer_set(settings, name, value) < 0) {
			report("refused the tracer has no setting %s=%s\n", name, value);
			exit(EXIT_UNABLE);
		}
	}
}

/* The last change of any input, in nanoseconds since 1970: an object was moved to its place when all of it was made. */
static int64_t newest_input(const struct spec *spec)
{
	int64_t newest = 0;

	for (size_t i = 0; i < spec->input_count; i++) {
		struct stat status;
		int64_t changed;

		/* Whoever mounts it will say what is wrong with it. */
		if (lstat(spec->inputs[i].host, &status) < 0)
			continue;
		changed = status.st_ctim.tv_sec * 1000000000ll + status.st_ctim.tv_nsec;
		if (changed > newest)
			newest = changed;
	}
	return newest;
}

int open_tracer(struct build *build)
{
	struct tracer_settings settings;
	int proc;

	if (!is_traced(build))
		return 0;
	settings = tracer_defaults(0, newest_input(&build->spec));
	read_settings(&build->spec, &settings);
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return -1;
	tracer_open(&build->tracer, &settings, proc);
	build->tracer.complaints = STATUS_FD;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, build->handover);
}

/* A file of a C library among the inputs, opened by no symlink; -1 where there is none. */
static int open_library(const struct input *input, const char *name, char path[PATH_MAX])
{
	const struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

	if (snprintf(path, PATH_MAX, "store/%s/lib/%s", input->name, name) >= PATH_MAX)
		return -1;
	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* Its loader can then be started without the supervisor. Without one, or without what else is needed, nothing is done. */
static int cover_loader(struct tracer *tracer, const struct input *input)
{
	char path[PATH_MAX];
	int library = open_library(input, "libc.so.6", path), loader = open_library(input, "ld-linux-x86-64.so.2", path), result = 0;

	if (library >= 0 && loader >= 0 && tracer_cover_loader(tracer, loader, library, path) < 0 && errno != ENOEXEC)
		result = -1;
	close(library);
	close(loader);
	return result;
}

#define TRACER_FOLDER "/dev/tracer"

/* In the root that is not entered yet. */
int prepare_tracer(struct build *build)
{
	const struct spec *spec = &build->spec;

	if (!is_traced(build))
		return 0;
	build->about = TRACER_FOLDER;
	if (tracer_use_folder(&build->tracer, TRACER_FOLDER) < 0)
		return -1;
	/* Where files are looked at past the tracer, a copy could be told from what is opened. */
	for (size_t i = 0; i < spec->input_count && !(build->tracer.settings.relaxed >> CLASS_FILE & 1); i++)
		if (cover_loader(&build->tracer, &spec->inputs[i]) < 0)
			return -1;
	return tracer_make_image(&build->tracer);
}
