#ifndef SHIM_SYSCALL_H
#define SHIM_SYSCALL_H

#include "../tracer/newer.h"

/* A real system call: the filter lets through what comes from the shim's range. */
static inline long real6(long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
	unsigned long f)
{
	register unsigned long r10 __asm__("r10") = d;
	register unsigned long r8 __asm__("r8") = e;
	register unsigned long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
		: "=a"(result)
		: "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return result;
}

#define PICK_REAL(a, b, c, d, e, f, g, name, ...) name
#define REAL0(nr) real6(nr, 0, 0, 0, 0, 0, 0)
#define REAL1(nr, a) real6(nr, (unsigned long)(a), 0, 0, 0, 0, 0)
#define REAL2(nr, a, b) real6(nr, (unsigned long)(a), (unsigned long)(b), 0, 0, 0, 0)
#define REAL3(nr, a, b, c) real6(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0, 0, 0)
#define REAL4(nr, a, b, c, d) \
	real6(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), 0, 0)
#define REAL5(nr, a, b, c, d, e) \
	real6(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), (unsigned long)(e), 0)
#define REAL6(nr, a, b, c, d, e, f) \
	real6(nr, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), (unsigned long)(e), \
		(unsigned long)(f))
#define real(...) PICK_REAL(__VA_ARGS__, REAL6, REAL5, REAL4, REAL3, REAL2, REAL1, REAL0)(__VA_ARGS__)

#endif
