/*
 * The time stamp counter, where a build asks for it to be trapped: reading it raises SIGSEGV. It then counts what the
 * thread has waited, in nanoseconds, and its reads, a microsecond each; as a processor of 1 GHz would.
 */
#include <linux/prctl.h>

#include "shim.h"

enum { PROTECTION_FAULT = 0x80, RDTSC_SIZE = 2, RDTSCP_SIZE = 3, TICKS_A_READ = 1000 };

int can_call_vdso(void)
{
	return state->vdso && !settings->trap_tsc;
}

void set_tsc_trap(int on)
{
	if (settings->trap_tsc)
		real(SYS_prctl, PR_SET_TSC, on ? PR_TSC_SIGSEGV : PR_TSC_ENABLE, 0, 0, 0);
}

/* The processor has read the instruction, so we can; 0 for any other. */
static unsigned counter_read_size(const unsigned char *code)
{
	if (code[0] != 0x0f)
		return 0;
	if (code[1] == 0x31)
		return RDTSC_SIZE;
	return code[1] == 0x01 && code[2] == 0xf9 ? RDTSCP_SIZE : 0;
}

static uint64_t read_counter(void)
{
	struct thread *thread = this_thread();

	return thread->waited + ++thread->tsc_reads * TICKS_A_READ;
}

/* As the instruction would have left the registers, on the first processor. */
static void emulate(greg_t *registers, unsigned size)
{
	uint64_t value = read_counter();

	registers[REG_RAX] = value & 0xffffffff;
	registers[REG_RDX] = value >> 32;
	if (size == RDTSCP_SIZE)
		registers[REG_RCX] = 0;
	registers[REG_RIP] += size;
}

static void on_fault(int signal, struct trap_info *info, ucontext_t *context)
{
	greg_t *registers = context->uc_mcontext.gregs;
	unsigned size = info->code == PROTECTION_FAULT ? counter_read_size((const unsigned char *)registers[REG_RIP]) : 0;

	if (!size) {
		pass_on(signal, info, context);
		return;
	}
	count(CLASS_TSC);
	emulate(registers, size);
}

/* The program's own handler is called from ours, so it has the stack and the mask that the program asked for. */
void install_tsc_trap(void)
{
	const struct kernel_action *own = &own_actions()->sigsegv;
	const uint64_t set = 1ull << (SIGSEGV - 1);
	const struct kernel_action action = {
		.handler = (unsigned long)on_fault,
		.flags = TRAP_FLAGS | (own->handler > 1 ? own->flags & (SA_ONSTACK | SA_RESTART) : SA_ONSTACK),
		.restorer = (unsigned long)restore_from_trap,
		.mask = own->handler > 1 ? strip_mask(own->mask) : 0,
	};

	real(SYS_rt_sigaction, SIGSEGV, &action, 0, 8);
	real(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
	set_tsc_trap(1);
}

/* Who may read the counter is not for a program of such a build to say. */
long handle_prctl(const struct call *call)
{
	const unsigned long *a = call->args;

	if (!settings->trap_tsc)
		return real(SYS_prctl, a[0], a[1], a[2], a[3], a[4]);
	if (a[0] == PR_SET_TSC)
		return a[1] == PR_TSC_ENABLE || a[1] == PR_TSC_SIGSEGV ? 0 : -EINVAL;
	if (!can_write((void *)a[1], sizeof(int)))
		return -EFAULT;
	*(int *)a[1] = PR_TSC_ENABLE;
	return 0;
}
