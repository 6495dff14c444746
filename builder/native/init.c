/* Pid 1 of a build: makes the sandbox from inside, starts the builder, and ends with it, which ends all others. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int await_id_maps(struct build *build)
{
	char byte;

	close(build->go[1]);
	close(build->result[0]);
	close(build->output[0]);
	if (build->spec.terminal)
		close(TERMINAL_FD);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	/* The helper said why, if it could not. */
	if (read(build->go[0], &byte, 1) != 1)
		_exit(EXIT_UNABLE);
	return 0;
}

/* Changing ids has undone the death signal. A helper that died meanwhile has hung up. */
static int die_with_helper(struct build *build)
{
	struct pollfd polled = { .fd = build->go[0], .events = POLLIN };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&polled, 1, 0) < 0)
		return -1;
	if (polled.revents & POLLHUP)
		_exit(EXIT_UNABLE);
	return 0;
}

/* The builder has our user id: what it may not do to us, or read of us, rests on this. */
static int shield_init(struct build *build)
{
	(void)build;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* What is mounted from the host comes first, while we can still pass through its directories. */
static const struct step steps[] = {
	{ "await-id-maps", await_id_maps },
	{ "private-mounts", make_mounts_private },
	{ "bind-input", bind_inputs },
	{ "mount-root", mount_root },
	{ "become-user", become_user },
	{ "die-with-helper", die_with_helper },
	{ "make-root-file", make_root_files },
	{ "mount", fill_root },
	{ "tracer", prepare_tracer },
	{ "enter-root", enter_root },
	{ "set-names", set_names },
	{ "loopback", raise_loopback },
	{ "time-namespace", start_clocks },
	{ "shield-init", shield_init },
};

/* The processes of a build have one user, whom pid 1 is too; it does not reach itself. */
static void heed_helper(int go)
{
	char word;

	if (read(go, &word, 1) != 1)
		_exit(EXIT_UNABLE);
	kill(-1, word == SUSPEND ? SIGSTOP : SIGCONT);
}

static int open_child_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int wait_for(pid_t child, int go)
{
	struct signalfd_siginfo info;
	struct pollfd polled[] = {
		{ .fd = open_child_signals(), .events = POLLIN },
		{ .fd = go, .events = POLLIN },
	};
	int status;

	if (polled[0].fd < 0)
		die_errno(STATUS_FD, "wait", "");
	while (!has_ended(child, &status)) {
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			_exit(EXIT_UNABLE);
		if (polled[0].revents && read(polled[0].fd, &info, sizeof info) < 0)
			_exit(EXIT_UNABLE);
		if (polled[1].revents)
			heed_helper(go);
	}
	return status;
}

_Noreturn void run_init(struct build *build)
{
	char byte;
	int failed[2];
	int status;
	pid_t child;

	run_steps(steps, sizeof steps / sizeof *steps, build);
	/* Closed by a successful exec, written to before a failed one. */
	if (pipe2(failed, O_CLOEXEC) < 0 || (child = fork()) < 0)
		die_errno(STATUS_FD, "fork", "");
	if (child == 0)
		run_child(build, failed[1]);
	close(failed[1]);
	close(build->output[1]);
	if (keep_capabilities(0) < 0)
		die_errno(STATUS_FD, "drop-capabilities", "");
	if (read(failed[0], &byte, 1) != 0)
		_exit(EXIT_UNABLE);
	report("started\n");
	close(STATUS_FD);
	status = wait_for(child, build->go[0]);
	if (write(build->result[1], &status, sizeof status) != sizeof status)
		_exit(EXIT_UNABLE);
	_exit(0);
}
