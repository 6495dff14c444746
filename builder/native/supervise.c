/* The helper's part while a build runs: passes its output on, ends it when told to, and says how it ended. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Output on its way from the builder to stdout. PIPE_BUF bytes are what poll promises room for. */
struct relay {
	int from;
	size_t length;
	char bytes[PIPE_BUF];
};

struct run {
	pid_t init;
	int go;
	int signals;
	int has_ended;
	struct relay relay;
	/* Where the tracer is to be looked after: first the builder's process hands its listener over. -1 without one. */
	int traced;
	struct tracer *tracer;
};

/* Pid 1 that has just ended hears nothing, and need not. */
static void tell(struct run *run, char word)
{
	if (write(run->go, &word, 1) < 0 && errno != EPIPE)
		die_errno(STATUS_FD, "supervise", "");
}

/* Pid 1 takes all its processes with it: once it can be waited for, none is left. */
static void heed_signal(struct run *run)
{
	struct signalfd_siginfo info;

	if (read(run->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		run->has_ended |= waitpid(run->init, NULL, WNOHANG) == run->init;
	else if (info.ssi_signo == SIGTSTP)
		tell(run, SUSPEND);
	else if (info.ssi_signo == SIGCONT)
		tell(run, GO_ON);
	else
		kill(run->init, SIGKILL);
}

static void fill(struct relay *relay)
{
	ssize_t got = read(relay->from, relay->bytes, sizeof relay->bytes);

	if (got > 0) {
		relay->length = got;
		return;
	}
	close(relay->from);
	relay->from = -1;
}

/* A reader that went away wants no more of this build. */
static void drain(struct run *run)
{
	struct relay *relay = &run->relay;
	ssize_t done = write(STDOUT_FILENO, relay->bytes, relay->length);

	if (done < 0 && errno != EAGAIN && errno != EINTR) {
		kill(run->init, SIGKILL);
		done = relay->length;
	}
	if (done <= 0)
		return;
	relay->length -= done;
	memmove(relay->bytes, relay->bytes + done, relay->length);
}

static void stop_tracing(struct run *run)
{
	close(run->traced);
	run->traced = -1;
}

/* A builder's process that ended before it had a listener has hung up, and pid 1 says why. */
static void heed_tracer(struct run *run, short events)
{
	if (run->tracer->listener < 0) {
		int accepted = tracer_accept(run->tracer, run->traced);

		stop_tracing(run);
		if (accepted == 0)
			run->traced = run->tracer->listener;
	} else if (!(events & POLLIN) || tracer_step(run->tracer) < 0) {
		/* No traced process is left. */
		stop_tracing(run);
	}
}

/* What is full is written first; nothing is read meanwhile, so that a slow reader slows the builder down. */
static void turn(struct run *run)
{
	int is_full = run->relay.length > 0;
	struct pollfd polled[] = {
		{ .fd = run->signals, .events = POLLIN },
		{ .fd = is_full ? STDOUT_FILENO : run->relay.from, .events = is_full ? POLLOUT : POLLIN },
		{ .fd = run->traced, .events = POLLIN },
	};

	if (poll(polled, 3, -1) < 0 && errno != EINTR)
		die_errno(STATUS_FD, "supervise", "");
	if (polled[0].revents)
		heed_signal(run);
	if (polled[2].revents)
		heed_tracer(run, polled[2].revents);
	if (!polled[1].revents)
		return;
	if (is_full)
		drain(run);
	else
		fill(&run->relay);
}

static void report_counts(const struct tracer *tracer)
{
	FILE *status = fdopen(STATUS_FD, "w");

	if (!status)
		die_errno(STATUS_FD, "supervise", "");
	tracer_print_counts(tracer, "counts ", status);
	fclose(status);
}

_Noreturn void supervise(struct build *build, pid_t init)
{
	struct run run = { .init = init, .go = build->go[1], .relay = { .from = build->output[0] }, .tracer = &build->tracer };
	sigset_t set;
	int status;

	run.traced = is_traced(build) ? build->handover[0] : -1;
	/* build_main has blocked them before there was a child to end. */
	sigprocmask(SIG_BLOCK, NULL, &set);
	run.signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (run.signals < 0)
		die_errno(STATUS_FD, "supervise", "");
	while (!run.has_ended || run.relay.from >= 0 || run.relay.length > 0)
		turn(&run);
	/* Whatever else it did: not all of it was traced. */
	if (is_traced(build) && tracer_problem(&build->tracer))
		report("failed trace %d \n", tracer_problem(&build->tracer));
	if (read(build->result[0], &status, sizeof status) != sizeof status)
		exit(EXIT_UNABLE);
	if (WIFEXITED(status))
		report("exited %d\n", WEXITSTATUS(status));
	else
		report("signalled %d\n", WTERMSIG(status));
	if (is_traced(build))
		report_counts(&build->tracer);
	exit(0);
}
