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

/* Bytes on their way, such as the builder's to stdout. PIPE_BUF of them are what poll promises room for. */
struct relay {
	int from;
	int to;
	size_t length;
	char bytes[PIPE_BUF];
};

struct run {
	pid_t init;
	int go;
	int signals;
	int has_ended;
	struct relay output;
	/* What is typed, on its way to the builder's terminal. */
	struct relay input;
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

/* Whoever had the caller's terminal meanwhile has left it with modes of its own. */
static void go_on(struct run *run)
{
	if (run->input.from >= 0)
		leave_output();
	tell(run, GO_ON);
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
		go_on(run);
	else if (info.ssi_signo == SIGWINCH)
		resize_terminal(run->input.to);
	else
		kill(run->init, SIGKILL);
}

static void fill(struct relay *relay)
{
	ssize_t got = read(relay->from, relay->bytes, sizeof relay->bytes);

	if (got > 0)
		relay->length = got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		relay->from = -1;
}

/* A reader that went away wants no more of this build. */
static void drain(struct run *run, struct relay *relay)
{
	ssize_t done = write(relay->to, relay->bytes, relay->length);

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
		else if (tracer_problem(run->tracer))
			kill(run->init, SIGKILL);
	} else if (!(events & POLLIN) || tracer_step(run->tracer) < 0) {
		/* No traced process is left. */
		stop_tracing(run);
	}
}

/* What is full is written first; nothing is read meanwhile, so that a slow reader slows the writer down. */
static struct pollfd awaited(const struct relay *relay)
{
	if (relay->length > 0)
		return (struct pollfd){ .fd = relay->to, .events = POLLOUT };
	return (struct pollfd){ .fd = relay->from, .events = POLLIN };
}

static void pass_on(struct run *run, struct relay *relay)
{
	if (relay->length > 0)
		drain(run, relay);
	else
		fill(relay);
}

static void turn(struct run *run)
{
	struct pollfd polled[] = {
		{ .fd = run->signals, .events = POLLIN },
		{ .fd = run->traced, .events = POLLIN },
		awaited(&run->output),
		awaited(&run->input),
	};

	if (poll(polled, sizeof polled / sizeof *polled, -1) < 0 && errno != EINTR)
		die_errno(STATUS_FD, "supervise", "");
	if (polled[0].revents)
		heed_signal(run);
	if (polled[1].revents)
		heed_tracer(run, polled[1].revents);
	if (polled[2].revents)
		pass_on(run, &run->output);
	if (polled[3].revents)
		pass_on(run, &run->input);
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
	int output = build->output[0];
	struct run run = {
		.init = init,
		.go = build->go[1],
		.output = { .from = output, .to = STDOUT_FILENO },
		.input = { .from = build->spec.terminal ? TERMINAL_FD : -1, .to = output },
		.tracer = &build->tracer,
	};
	sigset_t set;
	int status;

	run.traced = is_traced(build) ? build->handover[0] : -1;
	/* build_main has blocked them before there was a child to end. */
	sigprocmask(SIG_BLOCK, NULL, &set);
	run.signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (run.signals < 0)
		die_errno(STATUS_FD, "supervise", "");
	while (!run.has_ended || run.output.from >= 0 || run.output.length > 0)
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
