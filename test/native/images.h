/* Images of one program that start each other in all ways there are; each ends well only if its clock is the build's. */
#ifndef IMAGES_H
#define IMAGES_H

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { TOLD = 4, NOT_STARTED = 98, ESCAPED = 99, DAY = 86400 };

/* By fork, vfork or posix_spawn: a dynamic file, a static one, a script; by the first two: copies of files in memory. */
enum { STARTS = 3, KINDS = 5, SCRIPT = 2 };

/* Waits move the clock, but not by a day. Without an epoch, which is outside the tracer, any time will do. */
static int is_of_build(long seconds)
{
	const char *epoch = getenv("FUZZ_EPOCH");

	return !epoch || labs(seconds - atol(epoch)) < DAY;
}

/* Past the vDSO and through it. */
static int is_told(void)
{
	struct timespec now = { 0 }, called = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &called);
	return is_of_build(now.tv_sec) && is_of_build(called.tv_sec) && is_of_build(time(NULL));
}

static int copy_to_memory(const char *path)
{
	static char buffer[1 << 16];
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("image", MFD_CLOEXEC);
	ssize_t size;

	while ((size = read(from, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, size) != size)
			_exit(NOT_STARTED);
	close(from);
	return to;
}

static void write_script(const char *path)
{
	int fd = open("script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	dprintf(fd, "#!%s exit\n", path);
	fchmod(fd, 0755);
	close(fd);
}

/* How an image ends that is started so, and starts `depth` more, one by one another. */
static int start_image(unsigned way, unsigned kind, int depth)
{
	const char *path = kind == SCRIPT ? "./script" : kind % 2 ? getenv("FUZZ_STATIC") : getenv("FUZZ_SELF");
	const int memory = kind > SCRIPT ? copy_to_memory(path) : -1;
	char number[16], next[16];
	char *const arguments[] = { "fuzz", "exit", number, next, NULL };
	int status = -1;
	pid_t pid = -1;

	snprintf(number, sizeof number, "%d", depth);
	snprintf(next, sizeof next, "%u", 7 * way + 3 * kind + 1);
	if (kind == SCRIPT)
		write_script(getenv("FUZZ_SELF"));
	switch (memory < 0 ? way : way % 2) {
	case 0: pid = fork(); break;
	case 1: pid = vfork(); break;
	default: posix_spawn(&pid, path, NULL, NULL, arguments, environ);
	}
	if (pid == 0) {
		if (memory < 0)
			execve(path, arguments, environ);
		else
			syscall(SYS_execveat, memory, "", arguments, environ, AT_EMPTY_PATH);
		_exit(NOT_STARTED);
	}
	waitpid(pid, &status, 0);
	close(memory);
	return WIFEXITED(status) ? WEXITSTATUS(status) : status;
}

/* Where the files are, for all images. */
static void name_images(const char *self)
{
	char fixed[4096];

	snprintf(fixed, sizeof fixed, "%s-static", self);
	setenv("FUZZ_SELF", self, 1);
	setenv("FUZZ_STATIC", fixed, 1);
}

/* What such an image does: `fuzz exit DEPTH NUMBER`. */
static int be_image(int argc, char **argv)
{
	int depth = argc > 3 ? atoi(argv[2]) : 0;
	unsigned number = argc > 3 ? atoi(argv[3]) : 0;

	if (!is_told())
		return ESCAPED;
	return depth > 0 ? start_image(number % STARTS, number % KINDS, depth - 1) : TOLD;
}

#endif
