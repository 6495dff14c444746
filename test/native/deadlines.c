/*
 * deadlines: waits with times that are for ever or none at all, and timers of either clock that are set to moments of
 * it. Prints how each ended; run under the tracer the output is the same as without it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const struct timespec times[] = {
	/* Seconds that 64 bits of nanoseconds hold, those that they do not, and what C++ and Python wait for. */
	{ 8000000000, 0 }, { 9223372036, 854775807 }, { 9223372037, 0 }, { INT64_MAX, 999999999 },
	{ 0, -1 }, { 0, 1000000000 }, { -1, 0 }, { INT64_MIN, 0 }, { 8000000000, -1 }, { INT64_MAX, INT64_MAX },
};

static int word;

static long by_nanosleep(const struct timespec *time)
{
	return syscall(SYS_nanosleep, time, NULL);
}

static long by_realtime(const struct timespec *time)
{
	return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, time, NULL);
}

static long by_atomic_time(const struct timespec *time)
{
	return syscall(SYS_clock_nanosleep, CLOCK_TAI, TIMER_ABSTIME, time, NULL);
}

static long by_monotonic(const struct timespec *time)
{
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, time, NULL);
}

static long by_futex(const struct timespec *time)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, time, NULL, 0);
}

static long by_realtime_futex(const struct timespec *time)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, time, NULL, -1);
}

static long by_monotonic_futex(const struct timespec *time)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, time, NULL, -1);
}

static mqd_t make_queue(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	mqd_t queue;
	char name[32];

	snprintf(name, sizeof name, "/deadlines-%d", getpid());
	queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attributes);
	mq_unlink(name);
	return queue;
}

static long by_queue(const struct timespec *time)
{
	mqd_t queue = make_queue();
	char buffer[8];
	long result = syscall(SYS_mq_timedreceive, queue, buffer, sizeof buffer, NULL, time);

	mq_close(queue);
	return result;
}

static long by_send(const struct timespec *time)
{
	mqd_t queue = make_queue();
	long result;

	mq_send(queue, "", 1, 0);
	result = syscall(SYS_mq_timedsend, queue, "", 1, 0, time);
	mq_close(queue);
	return result;
}

/* How much is left is more than any machine has run. */
static long tell_left(long result, const struct itimerspec *left)
{
	if (result == 0)
		printf(" %s,", left->it_value.tv_sec > 1000000000 ? "far" : "near");
	return result;
}

static long set_timerfd(clockid_t clock, const struct timespec *time)
{
	const struct itimerspec timer = { .it_value = *time };
	struct itimerspec left = { 0 };
	int fd = timerfd_create(clock, 0);
	long result = syscall(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &timer, NULL);

	if (result == 0)
		timerfd_gettime(fd, &left);
	close(fd);
	return tell_left(result, &left);
}

static long by_realtime_timerfd(const struct timespec *time)
{
	return set_timerfd(CLOCK_REALTIME, time);
}

static long by_monotonic_timerfd(const struct timespec *time)
{
	return set_timerfd(CLOCK_MONOTONIC, time);
}

static long set_timer(clockid_t clock, const struct timespec *time)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	const struct itimerspec timer = { .it_value = *time };
	struct itimerspec left = { 0 };
	timer_t id;
	long result;

	if (timer_create(clock, &event, &id) < 0)
		return -1;
	result = timer_settime(id, TIMER_ABSTIME, &timer, NULL);
	if (result == 0)
		timer_gettime(id, &left);
	timer_delete(id);
	return tell_left(result, &left);
}

static long by_realtime_timer(const struct timespec *time)
{
	return set_timer(CLOCK_REALTIME, time);
}

static long by_monotonic_timer(const struct timespec *time)
{
	return set_timer(CLOCK_MONOTONIC, time);
}

static const struct way {
	const char *name;
	long (*go)(const struct timespec *time);
} ways[] = {
	{ "nanosleep", by_nanosleep }, { "realtime", by_realtime }, { "atomic time", by_atomic_time },
	{ "monotonic", by_monotonic }, { "futex", by_futex }, { "realtime futex", by_realtime_futex },
	{ "monotonic futex", by_monotonic_futex }, { "queue", by_queue }, { "send", by_send },
	{ "realtime timerfd", by_realtime_timerfd }, { "monotonic timerfd", by_monotonic_timerfd },
	{ "realtime timer", by_realtime_timer }, { "monotonic timer", by_monotonic_timer },
};

static void wake(int signal)
{
	(void)signal;
}

/* So that nothing waits for ever; again and again, as one signal might come too early. */
static void wake_often(int on)
{
	const struct itimerval often = { { 0, on * 20000 }, { 0, on * 20000 } };

	setitimer(ITIMER_REAL, &often, NULL);
}

static void try_times(const struct way *way)
{
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		long result;

		printf("%s until %lld.%lld:", way->name, (long long)times[i].tv_sec, (long long)times[i].tv_nsec);
		wake_often(1);
		result = way->go(&times[i]);
		wake_often(0);
		printf(" %s\n", result < 0 ? strerrorname_np(errno) : "done");
	}
}

static struct timespec now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time;
}

/* A thousand seconds from now, and a moment that is soon for one clock and far off for the other. */
static void set_timers(const char *name, clockid_t clock)
{
	static const long moments[] = { 0, 1900000000 };

	for (size_t i = 0; i < 2; i++) {
		struct timespec from = now(clock);
		struct itimerspec timer = { .it_value = { moments[i] ? moments[i] : from.tv_sec + 1000, 0 } }, left;
		struct sigevent event = { .sigev_notify = SIGEV_NONE };
		int fd = timerfd_create(clock, 0), copy = dup(fd);
		long wanted = timer.it_value.tv_sec - from.tv_sec;
		timer_t id;

		timerfd_settime(copy, TFD_TIMER_ABSTIME, &timer, NULL);
		timerfd_gettime(fd, &left);
		printf("%s timerfd: %s\n", name, labs(left.it_value.tv_sec - wanted) < 5 ? "as set" : "otherwise");
		timer_create(clock, &event, &id);
		timer_settime(id, TIMER_ABSTIME, &timer, NULL);
		timer_gettime(id, &left);
		printf("%s timer: %s\n", name, labs(left.it_value.tv_sec - wanted) < 5 ? "as set" : "otherwise");
	}
}

int main(void)
{
	struct timespec start = now(CLOCK_REALTIME);
	struct sigaction action = { .sa_handler = wake };

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	sigaction(SIGALRM, &action, NULL);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		try_times(&ways[i]);
	printf("the clock: %s\n", labs(now(CLOCK_REALTIME).tv_sec - start.tv_sec) < 60 ? "as before" : "otherwise");
	set_timers("realtime", CLOCK_REALTIME);
	set_timers("monotonic", CLOCK_MONOTONIC);
	return 0;
}
