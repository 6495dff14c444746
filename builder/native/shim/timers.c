/* Timers that are set to a moment of the thread's clock ring at the real one. */
#include <fcntl.h>

#include "shim.h"
#include "text.h"

enum { DAY = 86400 };

/* A timer that is set to a moment of its clock. */
static long set_timer(const struct call *call, clockid_t clock)
{
	const unsigned long *a = call->args;
	struct itimerspec timer = *(const struct itimerspec *)a[2];

	if (timer.it_value.tv_sec || timer.it_value.tv_nsec)
		timer.it_value = rebase(clock, &timer.it_value);
	return real(call->nr, a[0], a[1], &timer, a[3]);
}

/* Where a timer's clock is not known its deadline says it by its size: no machine has been up since our earliest epoch. */
static clockid_t guess_clock(const struct itimerspec *timer)
{
	return timer->it_value.tv_sec >= settings->epoch - DAY ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

/* A process has its own timers, which the kernel numbers from 0 on. */
long handle_timer_create(const struct call *call)
{
	long result = real(SYS_timer_create, call->args[0], call->args[1], call->args[2]);
	unsigned id;

	if (result < 0)
		return result;
	id = *(const unsigned *)call->args[2];
	if (id < TIMERS)
		state->timer_clocks[id] = call->args[0];
	return result;
}

long handle_timer_settime(const struct call *call)
{
	const struct itimerspec *timer = (const struct itimerspec *)call->args[2];
	unsigned id = call->args[0];

	if (!can_read(timer, sizeof *timer))
		return real(SYS_timer_settime, call->args[0], call->args[1], timer, call->args[3]);
	return set_timer(call, id < TIMERS ? state->timer_clocks[id] : guess_clock(timer));
}

/* Descriptors come from anywhere; the kernel tells which clock is behind one. */
static clockid_t clock_of_descriptor(unsigned fd, const struct itimerspec *timer)
{
	static const char name[] = "\nclockid: ";
	char path[64] = "", about[512] = "";
	struct text path_text = { .bytes = path, .room = sizeof path - 1 };
	struct text about_text = { .bytes = about, .room = sizeof about - 1 };
	long file;

	put(&path_text, "/proc/thread-self/fdinfo/");
	put_number(&path_text, fd);
	file = real(SYS_open, path, O_RDONLY | O_CLOEXEC, 0);
	if (file < 0)
		return guess_clock(timer);
	put_file(&about_text, file);
	real(SYS_close, file);
	for (const char *at = about; *at; at++)
		if (starts_with(at, name))
			return at[sizeof name - 1] - '0';
	return guess_clock(timer);
}

long handle_timerfd_settime(const struct call *call)
{
	const struct itimerspec *timer = (const struct itimerspec *)call->args[2];

	if (!can_read(timer, sizeof *timer))
		return -EFAULT;
	return set_timer(call, clock_of_descriptor(call->args[0], timer));
}
