/* The mode `probe`: tries, each in a process of its own, what a sandbox is made of. One line a feature. */
#include "sandbox.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/filter.h"

static int unshare_one(int namespace)
{
	return unshare(CLONE_NEWUSER | namespace);
}

/* Mounts are what some systems refuse in a user namespace that they let one make. */
static int try_mounts(int unused)
{
	(void)unused;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return mount("probe", "/proc", "tmpfs", 0, NULL);
}

/* A new /proc is refused where the one we have is partly hidden. */
static int try_proc(int unused)
{
	int status;
	pid_t child;

	(void)unused;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	child = fork();
	if (child == 0)
		_exit(mount("proc", "/proc", "proc", 0, NULL) < 0 ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno ? -1 : 0;
}

/* By the same way as a build: the parent maps the child's ids. */
static int try_id_maps(int unused)
{
	struct build build = { .spec = { .host_uid = -1, .host_gid = -1 } };
	pid_t child;
	int result;

	(void)unused;
	child = clone_into_namespaces();
	if (child == 0) {
		pause();
		_exit(0);
	}
	if (child < 0)
		return -1;
	result = write_id_maps(child, &build);
	kill(child, SIGKILL);
	return result;
}

static int try_notification(int unused)
{
	(void)unused;
	return install_filter();
}

static const struct feature {
	const char *name;
	int (*try)(int namespace);
	int namespace;
} features[] = {
	{ "user-namespace", unshare_one, 0 },
	{ "mount-namespace", unshare_one, CLONE_NEWNS },
	{ "pid-namespace", unshare_one, CLONE_NEWPID },
	{ "net-namespace", unshare_one, CLONE_NEWNET },
	{ "ipc-namespace", unshare_one, CLONE_NEWIPC },
	{ "uts-namespace", unshare_one, CLONE_NEWUTS },
	{ "cgroup-namespace", unshare_one, CLONE_NEWCGROUP },
	{ "time-namespace", unshare_one, CLONE_NEWTIME },
	{ "id-maps", try_id_maps, 0 },
	{ "mount", try_mounts, 0 },
	{ "mount-proc", try_proc, 0 },
	{ "seccomp-notification", try_notification, 0 },
	{ "traced-program", try_traced_program, 0 },
	{ "counter-trap", try_counter_trap, 0 },
};

/* The errno of the attempt, 0 when it worked. */
static int attempt(const struct feature *feature)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(feature->try(feature->namespace) < 0 ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int probe_main(int argc, char **argv)
{
	if (argc > 0)
		return is_traced_program(argv[0]) ? 0 : EXIT_FAILURE;
	for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
		printf("%s %d\n", features[i].name, attempt(&features[i]));
		fflush(stdout);
	}
	return 0;
}
