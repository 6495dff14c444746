/* What programs call in place of the vDSO's functions, without a system call. */
#include "vdso.h"

#include <sys/time.h>

#include "../tracer/calls.h"
#include "shim.h"

typedef long clock_function(clockid_t, struct timespec *);

static long vdso_clock_gettime(clockid_t clock, struct timespec *now)
{
	const struct call call = { .nr = SYS_clock_gettime, .args = { clock, (unsigned long)now } };

	if (clock < 0 || (clock < 32 && INTERCEPTED_CLOCKS >> clock & 1))
		return dispatch(&call);
	if (!can_call_vdso())
		return real(SYS_clock_gettime, clock, now);
	return ((clock_function *)(state->vdso + facts->clock_gettime))(clock, now);
}

static long vdso_gettimeofday(struct timeval *now, struct timezone *zone)
{
	const struct call call = { .nr = SYS_gettimeofday, .args = { (unsigned long)now, (unsigned long)zone } };

	return dispatch(&call);
}

static long vdso_time(time_t *now)
{
	const struct call call = { .nr = SYS_time, .args = { (unsigned long)now } };

	return dispatch(&call);
}

static long vdso_getcpu(unsigned *cpu, unsigned *node)
{
	const struct call call = { .nr = SYS_getcpu, .args = { (unsigned long)cpu, (unsigned long)node } };

	return dispatch(&call);
}

/* The C library then makes the system call. */
static long vdso_getrandom(void)
{
	return -ENOSYS;
}

unsigned long replacement_for(unsigned long offset)
{
	const struct {
		unsigned long offset;
		void *ours;
	} replacements[] = {
		{ facts->clock_gettime, vdso_clock_gettime }, { facts->gettimeofday, vdso_gettimeofday },
		{ facts->time, vdso_time }, { facts->getcpu, vdso_getcpu }, { facts->getrandom, vdso_getrandom },
	};

	for (unsigned i = 0; i < sizeof replacements / sizeof *replacements; i++)
		if (offset && replacements[i].offset == offset)
			return (unsigned long)replacements[i].ours;
	return 0;
}
