/*
 * The mode `guard`: a program that ends together with all it started, at a signal and when the process PARENT ends,
 * however that does. It stays in our process group: the terminal reaches it, and it may ask there. What still runs
 * when it has ended by itself, as a daemon that keeps passwords, is left alone.
 */
#include "sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whoever loses its parent becomes a child of ours, so that none is missed: those of the killed come next. */
static void end_all(void)
{
	do {
		FILE *children = fopen("/proc/thread-self/children", "re");
		int pid;

		/* A kernel that does not list them. The program itself dies with us. */
		if (!children)
			return;
		while (fscanf(children, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		fclose(children);
	} while (wait(NULL) > 0);
}

static _Noreturn void run_guarded(char **words, const sigset_t *before)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, before, NULL);
	execvp(words[0], words);
	_exit(EXIT_NOT_FOUND);
}

int guard_main(int argc, char **argv)
{
	sigset_t set, before;
	pid_t child;
	int status = 0, number = SIGCHLD;

	if (argc < 3 || strcmp(argv[1], "--") != 0) {
		fputs("usage: sandbox guard PARENT -- CMD [ARGS]\n", stderr);
		return EXIT_UNABLE;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* Whoever ignores it would not hear of children. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &before);
	if (prctl(PR_SET_NAME, "guard") < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return EXIT_UNABLE;
	if (getppid() != atoi(argv[0]) || (child = fork()) < 0)
		return EXIT_UNABLE;
	if (child == 0)
		run_guarded(argv + 2, &before);
	while (number == SIGCHLD && !has_ended(child, &status))
		if (sigwait(&set, &number) != 0)
			return EXIT_UNABLE;
	if (number != SIGCHLD) {
		end_all();
		return 128 + number;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
