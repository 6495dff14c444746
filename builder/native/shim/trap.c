/* SIGSYS: the safety net under everything that is not caught in a faster way. */
#include "shim.h"

enum { SECCOMP_CODE = 1, SMALL_STACK = 1 << 15, FP_SIZES_AT = 464, FP_SIZE = 512 };

/* The bytes by which debuggers and unwinders know such a frame. */
__asm__(".text\n.globl restore_from_trap\n.hidden restore_from_trap\nrestore_from_trap:\n	mov $15, %rax\n	syscall\n");

/* One that was sent can be ignored, the program's own fault cannot. */
void pass_on(int signal, struct trap_info *info, ucontext_t *context)
{
	const struct kernel_action *own = own_action(own_actions(), signal);
	const unsigned long handler = own->handler;
	const struct kernel_action none = { 0 };

	if (handler == (unsigned long)SIG_IGN && info->code <= 0)
		return;
	if (handler > 1) {
		if (own->flags & SA_RESETHAND)
			own_action(own_actions_to_set(), signal)->handler = 0;
		((void (*)(int, void *, void *))handler)(signal, info, context);
		*(uint64_t *)&context->uc_sigmask = strip_mask(*(uint64_t *)&context->uc_sigmask);
		return;
	}
	real(SYS_rt_sigaction, signal, &none, 0, 8);
	real(SYS_tgkill, real(SYS_getpid), real(SYS_gettid), signal);
}

/* The vDSO's own calls, made when it cannot read a clock, are ours. */
static int comes_from_vdso(const ucontext_t *context)
{
	return (unsigned long)context->uc_mcontext.gregs[REG_RIP] - state->vdso < facts->vdso_size;
}

static void handle_trap(int signal, struct trap_info *info, ucontext_t *context)
{
	greg_t *registers = context->uc_mcontext.gregs;
	const struct call call = {
		.nr = info->nr,
		.args = { registers[REG_RDI], registers[REG_RSI], registers[REG_RDX], registers[REG_R10],
			registers[REG_R8], registers[REG_R9] },
		.context = context,
	};

	if (info->code != SECCOMP_CODE || info->mark != TRAP_MARK)
		pass_on(signal, info, context);
	else if (comes_from_vdso(context))
		registers[REG_RAX] = real(call.nr, call.args[0], call.args[1], call.args[2]);
	else
		registers[REG_RAX] = dispatch(&call);
}

/*
 * An alternate stack that is small has no room for us beside a handler of the program's, which interrupts a call that
 * waits: the trap's frame moves to the stack on which the call was made. Other calls are short, and may be made on a
 * stack that is smaller still, as Go's are in a thread that C has made.
 */
static int should_move(long nr, const ucontext_t *context)
{
	const stack_t *stack = &context->uc_stack;
	unsigned long start = (unsigned long)stack->ss_sp;

	return may_wait(nr) && !(stack->ss_flags & SS_DISABLE) && stack->ss_size < SMALL_STACK &&
		(unsigned long)context - start < stack->ss_size &&
		(unsigned long)context->uc_mcontext.gregs[REG_RSP] - start > stack->ss_size;
}

/* Where the frame ends: with the registers of floating point, whose size it says itself. */
static unsigned long end_of_frame(const struct trap_info *info, const ucontext_t *context)
{
	const struct _fpstate *registers = (const struct _fpstate *)context->uc_mcontext.fpregs;
	const struct _fpx_sw_bytes *sizes;

	if (!registers)
		return (unsigned long)info + sizeof(siginfo_t);
	sizes = (const struct _fpx_sw_bytes *)((const char *)registers + FP_SIZES_AT);
	return (unsigned long)registers + (sizes->magic1 == FP_XSTATE_MAGIC1 ? sizes->extended_size : FP_SIZE);
}

__attribute__((used)) static _Noreturn void handle_moved(int signal, struct trap_info *info, ucontext_t *context)
{
	handle_trap(signal, info, context);
	return_to(context);
}

/* Never comes back to the frame that the kernel has made. */
static _Noreturn void move_and_handle(int signal, struct trap_info *info, ucontext_t *context)
{
	unsigned long from = (unsigned long)context - sizeof(void *), end = end_of_frame(info, context);
	unsigned long below = context->uc_mcontext.gregs[REG_RSP] - RED_ZONE;
	/* The floating point registers stay at a multiple of 64. */
	unsigned long by = (below - end) & -64ul;

	copy((void *)(from + by), (const void *)from, end - from);
	context = (ucontext_t *)((char *)context + by);
	if (context->uc_mcontext.fpregs)
		context->uc_mcontext.fpregs = (fpregset_t)((char *)context->uc_mcontext.fpregs + by);
	__asm__ volatile("mov %0, %%rsp\n	call handle_moved"
		:
		: "r"((from + by) & -16ul), "D"(signal), "S"((char *)info + by), "d"(context)
		: "memory");
	__builtin_unreachable();
}

static void on_trap(int signal, struct trap_info *info, ucontext_t *context)
{
	if (should_move(info->nr, context))
		move_and_handle(signal, info, context);
	handle_trap(signal, info, context);
}

void install_trap(void)
{
	const struct kernel_action action = {
		.handler = (unsigned long)on_trap,
		.flags = TRAP_FLAGS | SA_ONSTACK,
		.restorer = (unsigned long)restore_from_trap,
	};
	const uint64_t set = 1ull << (SIGSYS - 1);

	real(SYS_rt_sigaction, SIGSYS, &action, 0, 8);
	real(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
}
