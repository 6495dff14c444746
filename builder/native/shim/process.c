/* What passes from one program to the next: at exec, and from a child to the parent that waits for it. */
#include <sys/wait.h>

#include "shim.h"

enum { WAYS = 8, ARGUMENTS_HASHED = 4096 };

/* Slots are found by process id; a bucket that is full forgets its first. */
struct process_slot *find_process(int pid, int make)
{
	struct process_slot *bucket = &shared->processes[(unsigned)pid * WAYS % PROCESS_SLOTS];
	struct process_slot *free = NULL;

	for (int i = 0; i < WAYS; i++) {
		if (bucket[i].pid == pid)
			return &bucket[i];
		if (!bucket[i].pid && !free)
			free = &bucket[i];
	}
	if (!make)
		return NULL;
	if (!free)
		free = bucket;
	*free = (struct process_slot){ .pid = pid };
	return free;
}

static void forget_process(struct process_slot *slot)
{
	*slot = (struct process_slot){ 0 };
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ull;
	return mix(hash);
}

/* How many jobs run at once is no part of what a program is asked for: -j, -jN, -j N. Returns what to skip. */
static int count_job_arguments(char *const *argument)
{
	if (!starts_with(argument[0], "-j") || (argument[0][2] && (argument[0][2] < '0' || argument[0][2] > '9')))
		return 0;
	return 1 + (!argument[0][2] && argument[1] && argument[1][0] >= '0' && argument[1][0] <= '9');
}

/* The new program's random stream: of this one's, its own name, its arguments and the directory. */
static void pass_stream(uint64_t stream[2], const char *path, char *const *arguments)
{
	char directory[512];
	uint64_t hash = hash_text(0, path);

	for (int i = 0; arguments && arguments[i] && i < ARGUMENTS_HASHED; i++) {
		i += count_job_arguments(&arguments[i]);
		if (!arguments[i])
			break;
		hash = hash_text(hash, arguments[i]);
	}
	if (real(SYS_getcwd, directory, sizeof directory) > 0)
		hash = hash_text(hash, directory);
	stream[0] = state->stream[0];
	stream[1] = state->stream[1];
	derive_stream(stream, hash);
}

static void prepare_exec(const char *path, char *const *arguments)
{
	struct process_slot *slot = find_process(real(SYS_getpid), 1);
	const struct thread *thread = this_thread();

	slot->waited = thread->waited;
	slot->reads = thread->reads;
	slot->has_stream = 1;
	slot->program = find_program(path);
	slot->is_starting = 1;
	pass_stream(slot->stream, path, arguments);
}

/* Until the shim is there again, a program must be able to read the time stamp counter. */
static long exec(const struct call *call)
{
	const unsigned long *a = call->args;
	struct process_slot *slot;
	long result;

	set_tsc_trap(0);
	result = real(call->nr, a[0], a[1], a[2], a[3], a[4]);
	set_tsc_trap(1);
	slot = find_process(real(SYS_getpid), 0);
	if (slot)
		slot->is_starting = 0;
	return result;
}

long handle_execve(const struct call *call)
{
	const char *path = (const char *)call->args[0];

	/* The kernel checks the path for us; a wrong list of arguments is the program's own fault. */
	if (real(SYS_access, path, 0) == 0 && can_read((const void *)call->args[1], sizeof(char *)))
		prepare_exec(path, (char *const *)call->args[1]);
	return exec(call);
}

long handle_execveat(const struct call *call)
{
	const char *path = (const char *)call->args[1];

	if (can_read(path, 1) && can_read((const void *)call->args[2], sizeof(char *)))
		prepare_exec(path, (char *const *)call->args[2]);
	return exec(call);
}

/* A program that made a call of ours before the shim was there has met SIGSYS's default. */
static void note_untraced(int pid, int signal)
{
	const struct process_slot *slot = find_process(pid, 0);

	if (signal == SIGSYS && slot && slot->is_starting)
		count_for(slot->program, CLASS_UNTRACED);
}

/* Takes over what an only child has waited and read, as if this process had done it. */
static void take_over(int pid)
{
	struct process_slot *slot = find_process(pid, 0);
	struct thread *thread;

	forget_borrowed_actions(pid);
	if (!slot)
		return;
	if (real(SYS_waitid, P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT, NULL) == -ECHILD) {
		thread = this_thread();
		if (thread->reads < slot->reads)
			thread->reads = slot->reads;
		if (thread->waited < slot->waited)
			add_wait(slot->waited - thread->waited);
	}
	forget_process(slot);
}

long handle_wait4(const struct call *call)
{
	long pid = real(SYS_wait4, call->args[0], call->args[1], call->args[2], call->args[3]);
	const int *status = (const int *)call->args[1];

	if (pid <= 0)
		return pid;
	hide_usage((struct rusage *)call->args[3]);
	if (status && WIFSIGNALED(*status))
		note_untraced(pid, WTERMSIG(*status));
	if (!status || WIFEXITED(*status) || WIFSIGNALED(*status))
		take_over(pid);
	return pid;
}

long handle_waitid(const struct call *call)
{
	long result = real(SYS_waitid, call->args[0], call->args[1], call->args[2], call->args[3], call->args[4]);
	const siginfo_t *info = (const siginfo_t *)call->args[2];

	if (result < 0)
		return result;
	hide_usage((struct rusage *)call->args[4]);
	if (!info || !info->si_pid || call->args[3] & WNOWAIT || info->si_code > CLD_DUMPED)
		return result;
	if (info->si_code != CLD_EXITED)
		note_untraced(info->si_pid, info->si_status);
	take_over(info->si_pid);
	return result;
}
