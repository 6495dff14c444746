/* Which thread this is, without a system call: libraries give each a thread pointer of its own. */
#include "shim.h"

enum { GET_FS = 0x1003 };

static unsigned long thread_pointer(void)
{
	unsigned long pointer = 0;

	if (facts->has_fsgsbase)
		__asm__ volatile("rdfsbase %0" : "=r"(pointer));
	else
		real(SYS_arch_prctl, GET_FS, &pointer);
	return pointer;
}

/* Threads beyond the table's end share its last entry. */
struct thread *this_thread(void)
{
	/* An image without thread pointer is one of a single thread. */
	unsigned long pointer = thread_pointer() | 1;
	uint64_t start = mix(pointer);

	for (unsigned i = 0; i < 64; i++) {
		struct thread *thread = &state->threads[(start + i) % (THREADS - 1)];
		unsigned long known = __atomic_load_n(&thread->pointer, __ATOMIC_ACQUIRE);

		if (known == pointer)
			return thread;
		if (!known && __atomic_compare_exchange_n(&thread->pointer, &known, pointer, 0, __ATOMIC_ACQ_REL,
				__ATOMIC_ACQUIRE)) {
			thread->waited = state->waited;
			thread->reads = state->reads_before;
			return thread;
		}
	}
	return &state->threads[THREADS - 1];
}
