/*
 * keeper: what Node lacks, for one command of the store. It reads requests from stdin,
 * `<id> <command> <bytes of argument>\n<argument>`, answers on stdout, `<id> <errno> <bytes of text>\n<text>`,
 * and ends, freeing all locks, when stdin does.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGUMENT = 1 << 20, MAX_HEADER = 64 };

static void die_errno(const char *what)
{
	fprintf(stderr, "keeper: %s: %s\n", what, strerror(errno));
	exit(1);
}

void reply(unsigned long id, int error, const char *text)
{
	char line[PIPE_BUF];
	size_t length = strnlen(text, sizeof line - MAX_HEADER);
	int header = snprintf(line, MAX_HEADER, "%lu %d %zu\n", id, error, length);

	memcpy(line + header, text, length);
	if (write(STDOUT_FILENO, line, header + length) < 0 && errno != EPIPE)
		die_errno("write");
}

pid_t fork_child(int keep)
{
	pid_t parent = getpid();
	pid_t child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	close(STDIN_FILENO);
	if (keep > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, keep - 1, 0);
	close_range(keep > STDERR_FILENO ? keep + 1 : STDERR_FILENO + 1, ~0U, 0);
	return 0;
}

static void start_job(struct keeper *keeper, const struct request *request,
		      int (*work)(const char *, char *, size_t))
{
	struct job *job = malloc(sizeof *job);
	char text[PATH_MAX] = "";
	pid_t child = job ? fork_child(-1) : -1;

	if (child == 0) {
		int error = work(request->argument, text, sizeof text);

		reply(request->id, error, text);
		_exit(0);
	}
	if (child < 0) {
		reply(request->id, errno, "");
		free(job);
		return;
	}
	*job = (struct job){ keeper->jobs, request->id, child };
	keeper->jobs = job;
}

static void sync_command(struct keeper *keeper, const struct request *request)
{
	start_job(keeper, request, sync_filesystem);
}

static void canonicalise_command(struct keeper *keeper, const struct request *request)
{
	start_job(keeper, request, canonicalise_tree);
}

static void reset_command(struct keeper *keeper, const struct request *request)
{
	start_job(keeper, request, reset_tree);
}

/* The argument is two paths with a zero byte between them. */
static void exchange_command(struct keeper *keeper, const struct request *request)
{
	const char *first = request->argument, *second = first + strlen(first) + 1;
	int done = renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);

	(void)keeper;
	reply(request->id, done < 0 ? errno : 0, "");
}

static void remove_command(struct keeper *keeper, const struct request *request)
{
	start_job(keeper, request, remove_tree);
}

static const struct command {
	const char *name;
	void (*run)(struct keeper *, const struct request *);
} commands[] = {
	{ "lock", take_lock },
	{ "try-lock", try_lock },
	{ "unlock", free_lock },
	{ "holder", find_holder },
	{ "sync", sync_command },
	{ "canonicalise", canonicalise_command },
	{ "reset", reset_command },
	{ "exchange", exchange_command },
	{ "remove", remove_command },
};

static void run_command(struct keeper *keeper, const char *name, const struct request *request)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].run(keeper, request);
			return;
		}
	}
	reply(request->id, ENOSYS, name);
}

/* A child that ended without an answer was killed. */
static void job_ended(struct keeper *keeper, pid_t child, int status)
{
	for (struct job **link = &keeper->jobs; *link; link = &(*link)->next) {
		struct job *job = *link;

		if (job->child != child)
			continue;
		if (status != 0)
			reply(job->id, EIO, "");
		*link = job->next;
		free(job);
		return;
	}
}

static void reap(struct keeper *keeper)
{
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0)
		if (!lock_child_ended(keeper, child, status))
			job_ended(keeper, child, status);
}

/* Runs the first request in `bytes`. Returns its size, or 0 when it is not there in full. */
static size_t run_first(struct keeper *keeper, const char *bytes, size_t length)
{
	const char *end = memchr(bytes, '\n', length);
	struct request request;
	char name[16];
	size_t size;

	if (!end)
		return 0;
	if (sscanf(bytes, "%lu %15s %zu\n", &request.id, name, &size) != 3 || size > MAX_ARGUMENT) {
		errno = EPROTO;
		die_errno("request");
	}
	end++;
	if (length - (end - bytes) < size)
		return 0;
	request.argument = calloc(1, size + 2);
	if (!request.argument)
		die_errno("request");
	memcpy(request.argument, end, size);
	run_command(keeper, name, &request);
	free(request.argument);
	return end - bytes + size;
}

static void serve(struct keeper *keeper, int children)
{
	const size_t size = MAX_ARGUMENT + MAX_HEADER;
	char *bytes = malloc(size + 1);
	size_t length = 0;
	struct pollfd polled[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				   { .fd = children, .events = POLLIN } };

	if (!bytes)
		die_errno("malloc");
	for (;;) {
		struct signalfd_siginfo info;
		size_t done = 0, used;
		ssize_t got;

		if (poll(polled, 2, -1) < 0)
			die_errno("poll");
		if (polled[1].revents && read(children, &info, sizeof info) > 0)
			reap(keeper);
		if (!polled[0].revents)
			continue;
		got = read(STDIN_FILENO, bytes + length, size - length);
		if (got <= 0)
			break;
		length += got;
		bytes[length] = 0;
		while ((used = run_first(keeper, bytes + done, length - done)) > 0)
			done += used;
		length -= done;
		memmove(bytes, bytes + done, length);
	}
	free(bytes);
}

int main(void)
{
	/* It ends with its owner, who may need its locks until then. */
	static const int ignored[] = { SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGPIPE };
	struct keeper keeper = { .owner = getppid() };
	sigset_t set;
	int children;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	children = signalfd(-1, &set, SFD_CLOEXEC);
	if (children < 0)
		die_errno("signalfd");
	serve(&keeper, children);
	free_all_locks(&keeper);
	return 0;
}
