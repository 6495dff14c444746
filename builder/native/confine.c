/* The mode `confine`: a program that sees the files it is given and nothing else of this machine. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the host's root lies while the new one is filled. */
#define HOST ".host"

#define GIB (1UL << 30)

/* What one evaluation may use of the machine. It writes to pipes alone, which RLIMIT_FSIZE does not count. */
static const struct {
	int resource;
	struct rlimit limit;
} limits[] = {
	{ RLIMIT_CORE, { 0, 0 } },
	/* At the first of them SIGXCPU says why; somebody else's SIGKILL would say the same as the second. */
	{ RLIMIT_CPU, { 60, 61 } },
	{ RLIMIT_DATA, { 2 * GIB, 2 * GIB } },
	{ RLIMIT_FSIZE, { 0, 0 } },
};

/* Nobody in a user namespace of its own: no capability is left over the host, nor over the namespaces. */
static void enter_namespaces(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "65534 %u 1\n", geteuid());
	snprintf(gids, sizeof gids, "65534 %u 1\n", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		die_errno(STATUS_FD, "namespaces", "");
	if (write_text("/proc/self/setgroups", "deny") < 0 || write_text("/proc/self/gid_map", gids) < 0 ||
	    write_text("/proc/self/uid_map", uids) < 0)
		die_errno(STATUS_FD, "id-maps", "");
}

static void replace_root(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		die_errno(STATUS_FD, "slave-mounts", "");
	if (mount("root", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0 || chdir("/tmp") < 0)
		die_errno(STATUS_FD, "mount-root", "/tmp");
	if (mkdir(HOST, 0700) < 0 || syscall(SYS_pivot_root, ".", HOST) < 0 || chdir("/") < 0)
		die_errno(STATUS_FD, "enter-root", "/tmp");
}

/* Makes the directories above `path`, which starts with a slash. */
static void make_parents(const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			die_errno(STATUS_FD, "bind", path);
	}
}

/* Shows a file or folder of the host at its own path. One that is not there is left out: libraries lie in various places. */
static void show(const char *path)
{
	char source[PATH_MAX + sizeof HOST];
	struct stat status;
	FILE *place;

	snprintf(source, sizeof source, HOST "%s", path);
	if (lstat(source, &status) < 0)
		return;
	make_parents(path);
	if (S_ISLNK(status.st_mode)) {
		if (copy_link(source, AT_FDCWD, path) < 0)
			die_errno(STATUS_FD, "bind", path);
		return;
	}
	if (S_ISDIR(status.st_mode)) {
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			die_errno(STATUS_FD, "bind", path);
	} else {
		place = fopen(path, "we");
		if (!place || fclose(place) != 0)
			die_errno(STATUS_FD, "bind", path);
	}
	if (bind_mount(source, path, MS_REC | MS_RDONLY | MS_NODEV | MS_NOSUID) < 0)
		die_errno(STATUS_FD, "bind", path);
}

static void close_root(void)
{
	if (umount2(HOST, MNT_DETACH) < 0 || rmdir(HOST) < 0)
		die_errno(STATUS_FD, "leave-root", "");
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		die_errno(STATUS_FD, "leave-root", "");
}

static void set_own_limits(void)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (setrlimit(limits[i].resource, &limits[i].limit) < 0)
			die_errno(STATUS_FD, "limits", "");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die_errno(STATUS_FD, "limits", "");
}

/* Pid 1, with which the kernel ends all that the program can see or start. It ends with us, who hold the pipe's other end. */
static void start_init(void)
{
	int alive[2];
	pid_t init;
	char byte;

	if (pipe2(alive, O_CLOEXEC) < 0 || (init = fork()) < 0)
		die_errno(STATUS_FD, "start-init", "");
	if (init > 0)
		return;
	if (dup2(alive[0], STDIN_FILENO) < 0 || close_range(STDIN_FILENO + 1, ~0U, 0) < 0)
		_exit(EXIT_UNABLE);
	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static pid_t start(char **argv)
{
	static char *const no_env[] = { NULL };
	pid_t program = fork();

	if (program < 0)
		die_errno(STATUS_FD, "start-program", argv[0]);
	if (program > 0)
		return program;
	execve(argv[0], argv, no_env);
	die_errno(STATUS_FD, "exec", argv[0]);
}

/* Ends as the program does, by its signal if one ended it. */
static _Noreturn void end_with(pid_t program)
{
	int status;

	while (waitpid(program, &status, 0) < 0)
		if (errno != EINTR)
			die_errno(STATUS_FD, "wait", "");
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	kill(getpid(), WTERMSIG(status));
	_exit(EXIT_UNABLE);
}

int confine_main(int argc, char **argv)
{
	int paths = 0;

	while (paths < argc && strcmp(argv[paths], "--") != 0)
		paths++;
	if (paths + 1 >= argc) {
		fputs("usage: sandbox confine PATH... -- CMD [ARGS]\n", stderr);
		return EXIT_UNABLE;
	}
	if (fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC) < 0)
		return EXIT_UNABLE;
	enter_namespaces();
	replace_root();
	for (int i = 0; i < paths; i++)
		show(argv[i]);
	close_root();
	set_own_limits();
	start_init();
	end_with(start(argv + paths + 1));
}
