/* Whether the time stamp counter can be trapped: some virtual machines let programs read what the kernel forbade them. */
#include "sandbox.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void read_forbidden(void)
{
	/* The fault is the answer, whoever else would handle it. */
	signal(SIGSEGV, SIG_DFL);
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV) < 0)
		_exit(errno);
	__builtin_ia32_rdtsc();
	_exit(ENOTSUP);
}

int try_counter_trap(int unused)
{
	int status;
	pid_t child = fork();

	(void)unused;
	if (child == 0)
		read_forbidden();
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -1;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
		return 0;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return -1;
}

/* Better no result than one that is said to be reproducible, and is not. */
int check_counter(struct build *build)
{
	return is_traced(build) && build->tracer.settings.trap_tsc ? try_counter_trap(0) : 0;
}
