/* The one place where the builder's process is prepared and becomes the builder. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A session of its own has no controlling terminal. */
static int leave_session(struct build *build)
{
	(void)build;
	return setsid() < 0 ? -1 : 0;
}

static int connect_output(struct build *build)
{
	int terminal = build->spec.terminal;
	int input = terminal ? build->output[1] : open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (terminal && take_terminal(input) < 0)
		return -1;
	if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(build->output[1], STDOUT_FILENO) < 0)
		return -1;
	return dup2(STDOUT_FILENO, STDERR_FILENO) < 0 ? -1 : 0;
}

static int reset_signals(struct build *build)
{
	sigset_t none;

	(void)build;
	/* SIGKILL and SIGSTOP, and those the C library keeps for itself, cannot be set. */
	for (int signal_number = 1; signal_number <= SIGRTMAX; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int fix_addresses(struct build *build)
{
	(void)build;
	return personality(PER_LINUX | ADDR_NO_RANDOMIZE) < 0 ? -1 : 0;
}

static int drop_capabilities(struct build *build)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return keep_capabilities(capabilities_of(build->spec.user));
}

static int enter_directory(struct build *build)
{
	(void)build;
	umask(022);
	return chdir("/tmp/guix-build-0");
}

static const struct step steps[] = {
	{ "leave-session", leave_session },
	{ "connect-output", connect_output },
	{ "reset-signals", reset_signals },
	{ "fix-addresses", fix_addresses },
	{ "limit", set_limits_of_user },
	{ "drop-capabilities", drop_capabilities },
	{ "enter-directory", enter_directory },
};

/* The report comes first: pid 1 ends, and we with it, as soon as it sees that the pipe did not just close. */
static _Noreturn void fail(int failed, const char *step, const char *about)
{
	report("failed %s %d %s\n", step, errno, about);
	_exit(write(failed, "", 1) == 1 ? 0 : EXIT_UNABLE);
}

enum { FAILED_FD = STATUS_FD + 1, HANDOVER_FD, IMAGE_FD, FIRST_CLOSED_FD };

/* Nothing but stdin, stdout and stderr survives the exec, whoever opened it. */
static int close_files(struct build *build, int failed)
{
	/* Out of the way of each other first. */
	int failed_copy = fcntl(failed, F_DUPFD_CLOEXEC, FIRST_CLOSED_FD);
	int handover_copy = is_traced(build) ? fcntl(build->handover[1], F_DUPFD_CLOEXEC, FIRST_CLOSED_FD) : failed_copy;
	int image_copy = is_traced(build) ? fcntl(build->tracer.image, F_DUPFD_CLOEXEC, FIRST_CLOSED_FD) : failed_copy;

	if (fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	if (dup3(failed_copy, FAILED_FD, O_CLOEXEC) < 0 || dup3(handover_copy, HANDOVER_FD, O_CLOEXEC) < 0 ||
		dup3(image_copy, IMAGE_FD, O_CLOEXEC) < 0)
		return -1;
	build->tracer.image = IMAGE_FD;
	return close_range(FIRST_CLOSED_FD, ~0U, 0);
}

/* Returns only when it could not. */
static void become_builder(const struct spec *spec, int traced)
{
	if (traced)
		tracer_exec(spec->builder, spec->args.items, spec->env.items);
	else
		execve(spec->builder, spec->args.items, spec->env.items);
}

_Noreturn void run_child(struct build *build, int failed)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i].run(build) < 0)
			fail(failed, steps[i].name, "");
	if (close_files(build, failed) < 0)
		fail(failed, "close-files", "");
	if (is_traced(build) && tracer_prepare_child(&build->tracer, HANDOVER_FD) < 0)
		fail(FAILED_FD, "tracer", "");
	become_builder(&build->spec, is_traced(build));
	fail(FAILED_FD, "exec", build->spec.builder);
}
