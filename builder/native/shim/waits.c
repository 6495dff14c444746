/* Waits that run out move the thread's clock; deadlines of that clock become real ones. */
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include "shim.h"

enum { DAY = 86400, MILLION = 1000000, GRAIN = 10 * MILLION };

static int64_t nanoseconds(const struct timespec *time)
{
	return time->tv_sec * SECOND + time->tv_nsec;
}

/* Deadlines say which clock they mean by their size: no machine has been up since our earliest epoch. */
static int is_realtime(const struct timespec *deadline)
{
	return deadline->tv_sec >= settings->epoch - DAY;
}

/* The real deadline for one of the thread's own clock. */
static struct timespec rebase(const struct timespec *deadline)
{
	int64_t real_deadline = real_now() + nanoseconds(deadline) - own_now();

	return make_time(real_deadline > 0 ? real_deadline : 0);
}

/* How long that is, less what has passed since the program looked at the clock. */
static int64_t until(const struct timespec *deadline)
{
	struct timespec now = { 0 };
	int64_t left;

	if (is_realtime(deadline)) {
		left = nanoseconds(deadline) - own_now();
	} else {
		real(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
		left = nanoseconds(deadline) - nanoseconds(&now);
	}
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

	if (!can_read(wanted, sizeof *wanted))
		return -EFAULT;
	time = *wanted;
	waited = nanoseconds(&time);
	if (call->args[1] & TIMER_ABSTIME) {
		waited = until(&time);
		if (is_realtime(&time))
			time = rebase(&time);
	}
	result = real(SYS_clock_nanosleep, clock, call->args[1], &time, call->args[3]);
	if (result == 0)
		add_wait(waited);
	return result;
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
		waited = until(&time);
		if (is_realtime(&time))
			time = rebase(&time);
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

/* A timer that is set to a moment of the thread's clock. */
static long set_timer(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct itimerspec *wanted = (const struct itimerspec *)a[2];
	struct itimerspec timer;

	if (!can_read(wanted, sizeof *wanted))
		return -EFAULT;
	timer = *wanted;
	if (nanoseconds(&timer.it_value) && is_realtime(&timer.it_value))
		timer.it_value = rebase(&timer.it_value);
	return real(call->nr, a[0], a[1], &timer, a[3]);
}

long handle_timer_settime(const struct call *call)
{
	return set_timer(call);
}

long handle_timerfd_settime(const struct call *call)
{
	return set_timer(call);
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
	waited = until(wanted);
	time = rebase(wanted);
	result = real(call->nr, a[0], a[1], a[2], a[3], &time);
	if (result == -ETIMEDOUT)
		add_wait(waited);
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
