/* SIGSYS: the safety net under everything that is not caught in a faster way. */
#include "shim.h"

enum { SECCOMP_CODE = 1 };

/* The bytes by which debuggers and unwinders know such a frame. */
__asm__(".text\n.globl restore_from_trap\n.hidden restore_from_trap\nrestore_from_trap:\n	mov $15, %rax\n	syscall\n");

/* One that was sent can be ignored, the program's own fault cannot. */
void pass_on(int signal, struct kernel_action *own, struct trap_info *info, ucontext_t *context)
{
	const unsigned long handler = own->handler;
	const struct kernel_action none = { 0 };

	if (handler == (unsigned long)SIG_IGN && info->code <= 0)
		return;
	if (handler > 1) {
		if (own->flags & SA_RESETHAND)
			own->handler = 0;
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

static void on_trap(int signal, struct trap_info *info, ucontext_t *context)
{
	greg_t *registers = context->uc_mcontext.gregs;
	const struct call call = {
		.nr = info->nr,
		.args = { registers[REG_RDI], registers[REG_RSI], registers[REG_RDX], registers[REG_R10],
			registers[REG_R8], registers[REG_R9] },
		.context = context,
	};

	if (info->code != SECCOMP_CODE || info->mark != TRAP_MARK)
		pass_on(signal, &state->sigsys, info, context);
	else if (comes_from_vdso(context))
		registers[REG_RAX] = real(call.nr, call.args[0], call.args[1], call.args[2]);
	else
		registers[REG_RAX] = dispatch(&call);
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
