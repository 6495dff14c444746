/*
 * The program's own actions for signals that are ours, which the kernel cannot keep for it. A child that still has its
 * parent's memory (vfork, posix_spawn) has actions of its own all the same.
 */
#include <linux/kcmp.h>

#include "shim.h"

/* One that may not be looked at could. */
static int shares_memory(int pid, int other)
{
	long result = real(SYS_kcmp, pid, other, KCMP_VM, 0, 0);

	return result <= 0 && result != -ESRCH;
}

struct own_actions *own_actions(void)
{
	if (state->borrowed.pid && state->borrowed.pid == real(SYS_getpid))
		return &state->borrowed;
	return &state->actions;
}

struct own_actions *own_actions_to_set(void)
{
	const int pid = real(SYS_getpid);

	if (state->actions.pid != pid && shares_memory(pid, state->actions.pid)) {
		if (state->borrowed.pid != pid)
			state->borrowed = state->actions;
		state->borrowed.pid = pid;
		return &state->borrowed;
	}
	/* What a fork has copied. */
	state->actions.pid = pid;
	return &state->actions;
}

void forget_borrowed_actions(int pid)
{
	if (state->borrowed.pid == pid)
		state->borrowed.pid = 0;
}

struct kernel_action *own_action(struct own_actions *actions, int signal)
{
	return signal == SIGSYS ? &actions->sigsys : &actions->sigsegv;
}
