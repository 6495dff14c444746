/* traced [--epoch=T] [--counts=FILE] ... -- PROGRAM ARG...: runs one program under the tracer, without a sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static _Noreturn void run_child(int socket, char **argv)
{
	personality(ADDR_NO_RANDOMIZE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (tracer_prepare_child(socket) < 0)
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
		{ "relax", required_argument, NULL, 'r' }, { "trap-tsc", no_argument, NULL, 't' }, { NULL, 0, NULL, 0 },
	};
	struct tracer_settings settings = tracer_defaults(1000000000, INT64_MAX);
	struct tracer tracer;
	const char *counts = NULL;
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
		default: return 125;
		}
	}
	if (tracer_open(&tracer, &settings, open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		die_errno("open");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		die_errno("socketpair");
	child = fork();
	if (child == 0)
		run_child(sockets[1], argv + optind);
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
