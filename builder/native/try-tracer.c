/*
 * The tracer tried for real: this program starts itself in the namespaces of a build, and asks for the time there.
 * What is known of kernels, their settings and containers only explains why that does not work.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Any time but the real one, in seconds and as the program is told it. */
enum { EPOCH = 1000000000, PATIENCE = 10000 };
#define EPOCH_TEXT "1000000000"

/* Asked twice, by the vDSO and past it. */
int is_traced_program(const char *epoch)
{
	struct timespec now = { 0 };

	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	return time(NULL) == atoll(epoch) && now.tv_sec == atoll(epoch);
}

static _Noreturn void become_traced(const struct tracer *tracer, int socket)
{
	char *const args[] = { "sandbox", "probe", EPOCH_TEXT, NULL }, *const env[] = { NULL };
	char byte;

	if (read(socket, &byte, 1) != 1 || personality(PER_LINUX | ADDR_NO_RANDOMIZE) < 0 ||
	    tracer_prepare_child(tracer, socket) < 0)
		_exit(errno);
	tracer_exec("/proc/self/exe", args, env);
	_exit(errno);
}

/* Until it has ended. Returns how, or -1 with errno. */
static int follow(struct tracer *tracer, pid_t child)
{
	struct pollfd polled[] = {
		{ .fd = syscall(SYS_pidfd_open, child, 0), .events = POLLIN },
		{ .fd = tracer->listener, .events = POLLIN },
	};
	int status;

	while (!polled[0].revents) {
		if (poll(polled, 2, PATIENCE) <= 0 || polled[0].fd < 0)
			kill(child, SIGKILL);
		if (polled[1].revents & POLLIN)
			tracer_step(tracer);
	}
	close(polled[0].fd);
	return waitpid(child, &status, 0) < 0 ? -1 : status;
}

/* The errno that says what became of the program: none when it saw the time it was to see. */
static int judge(const struct tracer *tracer, int status)
{
	if (tracer_problem(tracer))
		return tracer_problem(tracer);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EPROTO;
}

static int trace(struct tracer *tracer, int socket, pid_t child)
{
	struct build build = { .spec = { .host_uid = -1, .host_gid = -1 } };
	int status;

	if (write_id_maps(child, &build) < 0 || write(socket, "", 1) != 1)
		return -1;
	if (tracer_accept(tracer, socket) < 0) {
		waitpid(child, &status, 0);
		errno = WIFEXITED(status) ? WEXITSTATUS(status) : EPROTO;
		return -1;
	}
	status = follow(tracer, child);
	if (status >= 0)
		errno = judge(tracer, status);
	return errno ? -1 : 0;
}

int try_traced_program(int unused)
{
	struct tracer_settings settings = tracer_defaults(EPOCH, 0);
	struct tracer tracer;
	int sockets[2], proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result, error;
	pid_t child;

	(void)unused;
	if (proc < 0)
		return -1;
	tracer_open(&tracer, &settings, proc);
	if (tracer_make_image(&tracer) < 0)
		return -1;
	/* What it would complain about is our result. */
	tracer.complaints = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	child = clone_into_namespaces();
	if (child == 0)
		become_traced(&tracer, sockets[1]);
	if (child < 0)
		return -1;
	close(sockets[1]);
	result = trace(&tracer, sockets[0], child);
	error = errno;
	kill(child, SIGKILL);
	errno = error;
	return result;
}
