/* The clock of a build: its epoch, and a fraction of a second that only keeps order. */
#include <sys/time.h>

#include "../tracer/calls.h"
#include "shim.h"

enum { FREE_READS = 4096, FIRST_READS = 64, MILLISECOND = 1000000, CLOCK_KIND = 7, DEVICE_CLOCK = 3 };

typedef long clock_function(clockid_t, struct timespec *);

struct timespec make_time(int64_t nanoseconds)
{
	return (struct timespec){ nanoseconds / SECOND, nanoseconds % SECOND };
}

int64_t real_now(void)
{
	struct timespec now = { 0 };

	if (!can_call_vdso())
		real(SYS_clock_gettime, CLOCK_REALTIME, &now);
	else
		((clock_function *)(state->vdso + facts->clock_gettime))(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static int64_t fraction(int64_t now)
{
	int64_t past = now > settings->start ? (now - settings->start) >> settings->clock_shift : 0;

	return past < SECOND ? past : SECOND - 1;
}

/* What this thread's clock shows, in nanoseconds. */
int64_t own_now(void)
{
	return settings->epoch * SECOND + fraction(real_now()) + this_thread()->waited;
}

/* What the parent will take over when it has waited for this process. */
static void publish(const struct thread *thread)
{
	struct process_slot *slot = find_process(real(SYS_getpid), 1);

	if (slot->waited < thread->waited)
		slot->waited = thread->waited;
	if (slot->reads < thread->reads)
		slot->reads = thread->reads;
}

void add_wait(int64_t nanoseconds)
{
	struct thread *thread = this_thread();

	if (nanoseconds <= 0)
		return;
	thread->waited += nanoseconds;
	publish(thread);
}

/*
 * A loop that reads until the time changes ends: late reads take a millisecond each. The parent goes on counting
 * where this process ended; it need not know every single read.
 */
static int64_t read_clock(void)
{
	struct thread *thread = this_thread();

	if (++thread->reads > FREE_READS)
		thread->waited += MILLISECOND;
	if (thread->reads - state->reads_before <= FIRST_READS || thread->reads % FIRST_READS == 0)
		publish(thread);
	return own_now();
}

/* The time a thread has used is a millisecond a read, so that it moves and is the same everywhere. */
static int64_t read_cpu_clock(void)
{
	return (int64_t)this_thread()->usage_reads++ * MILLISECOND;
}

/* Negative ones name a process or a thread, or else a descriptor of a device. */
static int is_cpu_clock(clockid_t clock)
{
	if (clock < 0)
		return (clock & CLOCK_KIND) != DEVICE_CLOCK;
	return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

static int is_intercepted(clockid_t clock)
{
	return clock < 0 ? is_cpu_clock(clock) : clock < 32 && INTERCEPTED_CLOCKS >> clock & 1;
}

long handle_clock_gettime(const struct call *call)
{
	clockid_t clock = call->args[0];
	struct timespec *now = (struct timespec *)call->args[1];
	enum class class = is_cpu_clock(clock) ? CLASS_USAGE : CLASS_CLOCK;

	if (!is_intercepted(clock) || is_relaxed(class))
		return real(SYS_clock_gettime, clock, now);
	count(class);
	if (clock < 0) {
		/* Whether there is such a process is the kernel's to say. */
		long result = real(SYS_clock_gettime, clock, now);

		if (result < 0)
			return result;
	}
	if (!can_write(now, sizeof *now))
		return -EFAULT;
	*now = make_time(is_cpu_clock(clock) ? read_cpu_clock() : read_clock());
	return 0;
}

long handle_gettimeofday(const struct call *call)
{
	struct timeval *now = (struct timeval *)call->args[0];
	struct timezone *zone = (struct timezone *)call->args[1];
	int64_t nanoseconds;

	if ((now && !can_write(now, sizeof *now)) || (zone && !can_write(zone, sizeof *zone)))
		return -EFAULT;
	if (zone)
		*zone = (struct timezone){ 0 };
	if (!now)
		return 0;
	nanoseconds = read_clock();
	*now = (struct timeval){ nanoseconds / SECOND, nanoseconds % SECOND / 1000 };
	return 0;
}

long handle_time(const struct call *call)
{
	time_t *to = (time_t *)call->args[0];
	time_t now = read_clock() / SECOND;

	if (to && !can_write(to, sizeof *to))
		return -EFAULT;
	if (to)
		*to = now;
	return now;
}
