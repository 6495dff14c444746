/* Waits that run out move the thread's clock; deadlines of that clock become real ones. */
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include "shim.h"

enum { MILLION = 1000000, GRAIN = 10 * MILLION };

/* Seconds that no clock will reach, and few enough to be counted in nanoseconds. */
#define FOR_EVER 7000000000ll

/* The kernel refuses all others, or waits for ever: it gets them as they are. */
static int is_usual(const struct timespec *time)
{
	return time->tv_sec >= 0 && time->tv_sec < FOR_EVER && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

/* A wait of an unusual time never ends by itself. */
static int64_t nanoseconds(const struct timespec *time)
{
	return is_usual(time) ? time->tv_sec * SECOND + time->tv_nsec : 0;
}

/* Clocks that show the build's time and not the real one. */
static int is_own(clockid_t clock)
{
	return !is_relaxed(CLASS_CLOCK) &&
		(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI);
}

static int64_t real_time_of(clockid_t clock)
{
	struct timespec now = { 0 };

	real(SYS_clock_gettime, clock, &now);
	return nanoseconds(&now);
}

struct timespec rebase(clockid_t clock, const struct timespec *deadline)
{
	int64_t result;

	if (!is_own(clock) || !is_usual(deadline))
		return *deadline;
	if (__builtin_add_overflow(nanoseconds(deadline), real_time_of(clock) - own_now(), &result))
		return make_time(INT64_MAX);
	/* Zero would be no time at all for a timer. */
	return make_time(result > 0 ? result : 1);
}

/* How long that is, less what has passed since the program looked at the clock. */
static int64_t until(clockid_t clock, const struct timespec *deadline)
{
	int64_t left;

	if (!is_usual(deadline))
		return 0;
	left = nanoseconds(deadline) - (is_own(clock) ? own_now() : real_time_of(clock));
	return left <= 0 ? 0 : (left + GRAIN - 1) / GRAIN * GRAIN;
}

long handle_nanosleep(const struct call *call)
{
	const struct timespec *wanted = (const struct timespec *)call->args[0];
	struct timespec copy_of_wanted;
	long result;

	if (!can_read(wanted, sizeof *wanted))
		return -EFAULT;
	copy_of_wanted = *wanted;
	result = real(SYS_nanosleep, &copy_of_wanted, call->args[1]);
	if (result == 0)
		add_wait(nanoseconds(&copy_of_wanted));
	return result;
}

long handle_clock_nanosleep(const struct call *call)
{
	const struct timespec *wanted = (const struct timespec *)call->args[2];
	clockid_t clock = call->args[0];
	struct timespec time;
	int64_t waited;
	long result;

	/* Whether there is such a clock comes first. */
	if (!can_read(wanted, sizeof *wanted))
		return real(SYS_clock_nanosleep, clock, call->args[1], wanted, call->args[3]);
	time = *wanted;
	waited = nanoseconds(&time);
	if (call->args[1] & TIMER_ABSTIME) {
		waited = until(clock, &time);
		time = rebase(clock, &time);
	}
	result = real(SYS_clock_nanosleep, clock, call->args[1], &time, call->args[3]);
	if (result == 0)
		add_wait(waited);
	return result;
}

/* A lock with inheritance of priorities has had the one clock before there was a flag for it. */
static clockid_t clock_of_futex(int operation)
{
	return operation & FUTEX_CLOCK_REALTIME || (operation & FUTEX_CMD_MASK) == FUTEX_LOCK_PI ? CLOCK_REALTIME :
		CLOCK_MONOTONIC;
}

/* Only FUTEX_WAIT takes a duration, the others a deadline. */
long handle_futex(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct timespec *wanted = (const struct timespec *)a[3];
	struct timespec time;
	int64_t waited;
	long result;

	if (!can_read(wanted, sizeof *wanted))
		return -EFAULT;
	time = *wanted;
	waited = nanoseconds(&time);
	if ((a[1] & FUTEX_CMD_MASK) != FUTEX_WAIT) {
		waited = until(clock_of_futex(a[1]), &time);
		time = rebase(clock_of_futex(a[1]), &time);
	}
	result = real(SYS_futex, a[0], a[1], a[2], &time, a[4], a[5]);
	if (result == -ETIMEDOUT)
		add_wait(waited);
	return result;
}

long handle_poll(const struct call *call)
{
	long result = real(SYS_poll, call->args[0], call->args[1], call->args[2]);

	if (result == 0)
		add_wait((int64_t)(int)call->args[2] * MILLION);
	return result;
}

long handle_epoll_wait(const struct call *call)
{
	const unsigned long *a = call->args;
	long result = real(SYS_epoll_wait, a[0], a[1], a[2], a[3]);

	if (result == 0)
		add_wait((int64_t)(int)a[3] * MILLION);
	return result;
}

/* The kernel overwrites the time-out with what was left of it. */
long handle_select(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct timeval *wanted = (const struct timeval *)a[4];
	int64_t waited;
	long result;

	if (!can_read(wanted, sizeof *wanted))
		return -EFAULT;
	waited = wanted->tv_sec * SECOND + wanted->tv_usec * 1000;
	result = real(SYS_select, a[0], a[1], a[2], a[3], wanted);
	if (result == 0)
		add_wait(waited);
	return result;
}

static long wait_for_queue(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct timespec *wanted = (const struct timespec *)a[4];
	struct timespec time;
	int64_t waited;
	long result;

	if (!can_read(wanted, sizeof *wanted))
		return -EFAULT;
	time = *wanted;
	waited = until(CLOCK_REALTIME, &time);
	time = rebase(CLOCK_REALTIME, &time);
	result = real(call->nr, a[0], a[1], a[2], a[3], &time);
	if (result == -ETIMEDOUT)
		add_wait(waited);
	return result;
}

/* What it waits for stays as it is: a trap is never left for anybody to fetch. */
long handle_rt_sigtimedwait(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct timespec *wanted = (const struct timespec *)a[2];
	struct timespec time;
	long result;

	if (!can_read(wanted, sizeof *wanted))
		return real(SYS_rt_sigtimedwait, a[0], a[1], wanted, a[3]);
	time = *wanted;
	result = real(SYS_rt_sigtimedwait, a[0], a[1], &time, a[3]);
	if (result == -EAGAIN)
		add_wait(nanoseconds(&time));
	return result;
}

long handle_mq_timedsend(const struct call *call)
{
	return wait_for_queue(call);
}

long handle_mq_timedreceive(const struct call *call)
{
	return wait_for_queue(call);
}
