/* Calls that mind the stack pointer they are made with. */
#include "shim.h"

/* A system call made as if from that stack pointer: the kernel minds whether it lies on the alternate stack. */
static long real_on_stack(unsigned long stack, long nr, const void *first, void *second)
{
	long result = nr;

	__asm__ volatile("mov %%rsp, %%r12\n	mov %1, %%rsp\n	syscall\n	mov %%r12, %%rsp"
		: "+a"(result)
		: "r"(stack), "D"(first), "S"(second)
		: "r12", "rcx", "r11", "memory");
	return result;
}

/* We may run on the alternate stack, and the trap's return sets what its frame says. */
long handle_sigaltstack(const struct call *call)
{
	const stack_t *new = (const stack_t *)call->args[0];
	stack_t *old = (stack_t *)call->args[1];
	stack_t wanted;
	long result;

	if (!call->context)
		return real(SYS_sigaltstack, new, old);
	if (new && !can_read(new, sizeof *new))
		return -EFAULT;
	if (new)
		wanted = *new;
	result = real_on_stack(call->context->uc_mcontext.gregs[REG_RSP] - RED_ZONE, SYS_sigaltstack, new ? &wanted : NULL,
		old);
	if (result == 0 && new)
		call->context->uc_stack = wanted.ss_flags & SS_DISABLE ? (stack_t){ .ss_flags = SS_DISABLE } : wanted;
	return result;
}

_Noreturn void return_to(const ucontext_t *frame)
{
	__asm__ volatile("mov %0, %%rsp\n	syscall" : : "r"(frame), "a"(SYS_rt_sigreturn) : "memory");
	__builtin_unreachable();
}

/* A handler may have written what is to be blocked after it into its frame, which lies where the stack pointer is. */
long handle_rt_sigreturn(const struct call *call)
{
	ucontext_t *frame = (ucontext_t *)call->context->uc_mcontext.gregs[REG_RSP];
	uint64_t *mask = (uint64_t *)&frame->uc_sigmask;

	if (can_read(mask, sizeof *mask) && *mask != strip_mask(*mask))
		*mask = strip_mask(*mask);
	return_to(frame);
}
