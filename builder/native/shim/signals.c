/*
 * SIGSYS belongs to us, and SIGSEGV where the time stamp counter is trapped: they are never blocked or reset, and the
 * program reads back what it set.
 */
#include "shim.h"

static uint64_t bit(unsigned long signal)
{
	return signal - 1 < 64 ? 1ull << (signal - 1) : 0;
}

/* What no mask may have. */
static uint64_t ours(void)
{
	return bit(SIGSYS) | (settings->trap_tsc ? bit(SIGSEGV) : 0);
}

uint64_t strip_mask(uint64_t mask)
{
	return mask & ~ours();
}

/* The kernel drops the others. */
#define KNOWN_ACTION_FLAGS 0xdc000807ul

static long set_own_action(int signal, const struct kernel_action *new, struct kernel_action *old)
{
	const struct kernel_action before = *own_action(own_actions(), signal);
	struct kernel_action wanted = before;

	if (new && !can_read(new, sizeof *new))
		return -EFAULT;
	if (new) {
		wanted = *new;
		wanted.flags &= KNOWN_ACTION_FLAGS;
	}
	/* Looking whether it can be written overwrites what may be the new action. */
	if (old && !can_write(old, sizeof *old))
		return -EFAULT;
	if (new)
		*own_action(own_actions_to_set(), signal) = wanted;
	if (old)
		*old = before;
	if (new && signal == SIGSEGV)
		install_tsc_trap();
	return 0;
}

/* By threads at once. */
static void note_mask(uint64_t signal, int names_sigsys)
{
	uint64_t *masks = &own_actions_to_set()->masks;

	if (names_sigsys)
		__atomic_fetch_or(masks, signal, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(masks, ~signal, __ATOMIC_RELAXED);
}

/* Masks of handlers lose SIGSYS on their way to the kernel and get it back on their way here. */
long handle_rt_sigaction(const struct call *call)
{
	unsigned long signal = call->args[0];
	const struct kernel_action *new = (const struct kernel_action *)call->args[1];
	struct kernel_action *old = (struct kernel_action *)call->args[2];
	struct kernel_action stripped;
	uint64_t had, wants;
	long result;

	if (ours() & bit(signal) && call->args[3] == 8)
		return set_own_action(signal, new, old);
	had = own_actions()->masks & bit(signal);
	if (!new) {
		result = real(SYS_rt_sigaction, signal, NULL, old, call->args[3]);
		if (result == 0 && old && had)
			old->mask |= bit(SIGSYS);
		return result;
	}
	if (call->args[3] != 8 || !can_read(new, sizeof *new))
		return real(SYS_rt_sigaction, signal, new, old, call->args[3]);
	/* The old action may be written over the new one. */
	stripped = *new;
	wants = stripped.mask & bit(SIGSYS);
	stripped.mask = strip_mask(stripped.mask);
	result = real(SYS_rt_sigaction, signal, &stripped, old, call->args[3]);
	/* An old action that cannot be written does not undo the new one. */
	if (result < 0 && result != -EFAULT)
		return result;
	if (result == 0 && old && had)
		old->mask |= bit(SIGSYS);
	if (!wants != !had)
		note_mask(bit(signal), !!wants);
	return result;
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
	*mask = strip_mask(*mask) & ~(bit(SIGKILL) | bit(SIGSTOP));
	if (old && !can_write(old, 8))
		return -EFAULT;
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
	if (!can_read(set, 8))
		return -EFAULT;
	stripped = strip_mask(*set);
	if (call->context)
		return change_caught_mask(call->context, call->args[0], stripped, old);
	return real(SYS_rt_sigprocmask, call->args[0], &stripped, old, 8);
}

long handle_rt_sigsuspend(const struct call *call)
{
	const uint64_t *set = (const uint64_t *)call->args[0];
	uint64_t stripped;

	if (call->args[1] != 8)
		return -EINVAL;
	if (!can_read(set, 8))
		return -EFAULT;
	stripped = strip_mask(*set);
	return real(SYS_rt_sigsuspend, &stripped, call->args[1]);
}
