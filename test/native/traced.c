/*
 * traced [--epoch=T] [--counts=FILE] ... -- PROGRAM ARG...: runs one program under the tracer, without a sandbox.
 * --loader=FILE covers that dynamic loader, as a sandbox does, in a namespace of mounts that ends with the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../builder/native/tracer/tracer.h"

extern char **environ;

static _Noreturn void die_errno(const char *step)
{
	fprintf(stderr, "traced: %s: %s\n", step, strerror(errno));
	exit(125);
}

static int try_path(const char *name, char **argv)
{
	char path[4096];
	const char *dir = getenv("PATH");

	if (strchr(name, '/'))
		return tracer_exec(name, argv, environ);
	for (; dir && *dir; dir += strcspn(dir, ":"), dir += *dir == ':') {
		snprintf(path, sizeof path, "%.*s/%s", (int)strcspn(dir, ":"), dir, name);
		tracer_exec(path, argv, environ);
	}
	return -1;
}

static int write_text(const char *path, const char *format, unsigned id)
{
	FILE *file = fopen(path, "w");

	if (!file || fprintf(file, format, id) < 0)
		return -1;
	return fclose(file);
}

/* Only root may mount without a namespace of users; everybody keeps the own id there. */
static int leave_mounts(void)
{
	unsigned user = geteuid(), group = getegid();

	if (unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0)
		return -1;
	if (user != 0 && (write_text("/proc/self/uid_map", "%1$u %1$u 1", user) < 0 ||
		write_text("/proc/self/setgroups", "deny", 0) < 0 || write_text("/proc/self/gid_map", "%1$u %1$u 1", group) < 0))
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static int cover_loader(struct tracer *tracer, const char *loader)
{
	char path[4096], beside[4200];
	int original, library;

	if (!realpath(loader, path) || leave_mounts() < 0)
		return -1;
	snprintf(beside, sizeof beside, "%.*s/libc.so.6", (int)(strrchr(path, '/') - path), path);
	original = open(path, O_RDONLY | O_CLOEXEC);
	library = open(beside, O_RDONLY | O_CLOEXEC);
	if (original < 0 || mount("traced", "/mnt", "tmpfs", 0, "mode=0755,huge=within_size") < 0 || chdir("/") < 0)
		return -1;
	return tracer_use_folder(tracer, "/mnt/tracer") < 0 ? -1 : tracer_cover_loader(tracer, original, library, path);
}

static _Noreturn void run_child(struct tracer *tracer, const char *loader, int socket, char **argv)
{
	char here[4096];

	if (!getcwd(here, sizeof here) || (loader && cover_loader(tracer, loader) < 0) || tracer_make_image(tracer) < 0 ||
		chdir(here) < 0)
		die_errno("prepare");
	personality(ADDR_NO_RANDOMIZE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (tracer_prepare_child(tracer, socket) < 0)
		_exit(124);
	close(socket);
	try_path(argv[0], argv);
	_exit(127);
}

/* Serves until the listener hangs up: the last process of the tree has gone. */
static int supervise(struct tracer *tracer, pid_t child)
{
	struct pollfd ready = { tracer->listener, POLLIN, 0 };
	int status = 0, done = 0;

	for (;;) {
		if (!done && waitpid(child, &status, WNOHANG) == child)
			done = 1;
		if (poll(&ready, 1, done ? 1000 : 100) < 0 && errno != EINTR)
			die_errno("poll");
		if (ready.revents & POLLIN && tracer_step(tracer) < 0)
			break;
		if (ready.revents & POLLHUP)
			break;
	}
	if (!done)
		waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "epoch", required_argument, NULL, 'e' }, { "counts", required_argument, NULL, 'c' },
		{ "order", required_argument, NULL, 'o' }, { "seed", required_argument, NULL, 's' },
		{ "relax", required_argument, NULL, 'r' }, { "trap-tsc", no_argument, NULL, 't' },
		{ "loader", required_argument, NULL, 'l' }, { NULL, 0, NULL, 0 },
	};
	struct tracer_settings settings = tracer_defaults(1000000000, INT64_MAX);
	struct tracer tracer;
	const char *counts = NULL, *loader = NULL;
	int sockets[2], status, option;
	pid_t child;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'e': settings.epoch = atoll(optarg); break;
		case 'c': counts = optarg; break;
		case 'o': settings.order = atoi(optarg); break;
		case 's': settings.seed[1] = atoll(optarg); break;
		case 'r': settings.relaxed = strtoul(optarg, NULL, 0); break;
		case 't': settings.trap_tsc = 1; break;
		case 'l': loader = optarg; break;
		default: return 125;
		}
	}
	tracer_open(&tracer, &settings, open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		die_errno("socketpair");
	child = fork();
	if (child == 0)
		run_child(&tracer, loader, sockets[1], argv + optind);
	close(sockets[1]);
	if (tracer_accept(&tracer, sockets[0]) < 0)
		die_errno("accept");
	status = supervise(&tracer, child);
	if (counts) {
		FILE *to = fopen(counts, "w");

		if (!to)
			die_errno(counts);
		tracer_print_counts(&tracer, "", to);
		fclose(to);
	}
	return status;
}
