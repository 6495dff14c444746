/* SIGSYS belongs to us: it is never blocked or reset, and the program reads back what it set. */
#include "shim.h"

static const uint64_t ours = 1ull << (SIGSYS - 1);

static long set_own_action(const struct kernel_action *new, struct kernel_action *old)
{
	struct kernel_action before = state->sigsys;

	if ((new && !can_read(new, sizeof *new)) || (old && !can_write(old, sizeof *old)))
		return -EFAULT;
	if (new)
		state->sigsys = *new;
	if (old)
		*old = before;
	return 0;
}

static uint64_t bit(unsigned long signal)
{
	return signal - 1 < 64 ? 1ull << (signal - 1) : 0;
}

/* Masks of handlers lose SIGSYS on their way to the kernel and get it back on their way here. */
long handle_rt_sigaction(const struct call *call)
{
	unsigned long signal = call->args[0];
	const struct kernel_action *new = (const struct kernel_action *)call->args[1];
	struct kernel_action *old = (struct kernel_action *)call->args[2];
	struct kernel_action stripped;
	uint64_t had = state->masks & bit(signal);
	long result;

	if (signal == SIGSYS && call->args[3] == 8)
		return set_own_action(new, old);
	if (!new || !can_read(new, sizeof *new))
		return real(SYS_rt_sigaction, signal, new, old, call->args[3]);
	stripped = *new;
	stripped.mask &= ~ours;
	result = real(SYS_rt_sigaction, signal, &stripped, old, call->args[3]);
	if (result < 0)
		return result;
	if (old && had)
		old->mask |= ours;
	if (!(new->mask & ours) != !had)
		state->masks ^= bit(signal);
	return 0;
}

/* The mask that counts is the one the kernel restores when the trap returns. */
static long change_caught_mask(ucontext_t *context, int how, uint64_t set, uint64_t *old)
{
	uint64_t *mask = (uint64_t *)&context->uc_sigmask;
	uint64_t before = *mask;

	switch (how) {
	case SIG_BLOCK: *mask |= set; break;
	case SIG_UNBLOCK: *mask &= ~set; break;
	case SIG_SETMASK: *mask = set; break;
	default: return -EINVAL;
	}
	*mask &= ~(ours | bit(SIGKILL) | bit(SIGSTOP));
	if (old)
		*old = before;
	return 0;
}

long handle_rt_sigprocmask(const struct call *call)
{
	const uint64_t *set = (const uint64_t *)call->args[1];
	uint64_t *old = (uint64_t *)call->args[2];
	uint64_t stripped;

	if (call->args[3] != 8)
		return -EINVAL;
	if (!set)
		return real(SYS_rt_sigprocmask, call->args[0], NULL, old, 8);
	if (!can_read(set, 8) || (old && !can_read(old, 8)))
		return -EFAULT;
	stripped = *set & ~ours;
	if (call->context)
		return change_caught_mask(call->context, call->args[0], stripped, old);
	return real(SYS_rt_sigprocmask, call->args[0], &stripped, old, 8);
}

long handle_rt_sigsuspend(const struct call *call)
{
	const uint64_t *set = (const uint64_t *)call->args[0];
	uint64_t stripped;

	if (!can_read(set, 8))
		return -EFAULT;
	stripped = *set & ~ours;
	return real(SYS_rt_sigsuspend, &stripped, call->args[1]);
}

static int is_within(const stack_t *stack, unsigned long at)
{
	return at - (unsigned long)stack->ss_sp < stack->ss_size;
}

/* We may run on the program's alternate stack: what it sets takes effect when the trap returns. */
long handle_sigaltstack(const struct call *call)
{
	const stack_t *new = (const stack_t *)call->args[0];
	stack_t *old = (stack_t *)call->args[1];
	stack_t wanted, *current;
	int busy;

	if (!call->context || !new)
		return real(SYS_sigaltstack, new, old);
	if (!can_read(new, sizeof *new) || (old && !can_write(old, sizeof *old)))
		return -EFAULT;
	wanted = *new;
	current = &call->context->uc_stack;
	busy = is_within(current, call->context->uc_mcontext.gregs[REG_RSP]);
	if (old) {
		*old = *current;
		old->ss_flags = busy ? SS_ONSTACK : current->ss_size ? current->ss_flags & ~3 : SS_DISABLE;
	}
	if (busy)
		return -EPERM;
	if ((wanted.ss_flags & 3) == 3 || wanted.ss_flags & 0x7ffffffc)
		return -EINVAL;
	if (wanted.ss_flags & SS_DISABLE)
		wanted = (stack_t){ .ss_flags = SS_DISABLE };
	else if (wanted.ss_size < 2048)
		return -ENOMEM;
	*current = wanted;
	return 0;
}
