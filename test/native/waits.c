/* waits [NAME]: waits in one way and prints how far the build's clock went, in tenths, and whether time really passed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A wait until a time of the monotonic clock, which is real, is as much shorter as it begins later. */
enum { WAIT = 299, LATE = 80 };

static struct timespec now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time;
}

static long milliseconds(struct timespec from, struct timespec to)
{
	return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

static struct timespec soon(clockid_t clock)
{
	struct timespec time = now(clock);

	time.tv_nsec += 300000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void by_nanosleep(void)
{
	struct timespec time = { 0, 300000000 };

	syscall(SYS_nanosleep, &time, NULL);
}

static void by_realtime(void)
{
	struct timespec time = soon(CLOCK_REALTIME);

	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL);
}

static void by_monotonic(void)
{
	struct timespec time = soon(CLOCK_MONOTONIC);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void by_condition(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t never = PTHREAD_COND_INITIALIZER;
	struct timespec time = soon(CLOCK_REALTIME);

	pthread_mutex_lock(&mutex);
	pthread_cond_timedwait(&never, &mutex, &time);
}

static void by_lock(void)
{
	pthread_mutex_t mutex;
	pthread_mutexattr_t inherits;
	struct timespec time = soon(CLOCK_REALTIME);

	pthread_mutexattr_init(&inherits);
	pthread_mutexattr_setprotocol(&inherits, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&mutex, &inherits);
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	pthread_mutex_lock(&mutex);
	pthread_mutex_timedlock(&mutex, &time);
}

static void by_futex(void)
{
	struct timespec time = { 0, 300000000 };
	int word = 0;

	syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, NULL, 0);
}

static void by_poll(void)
{
	poll(NULL, 0, 300);
}

static void by_ppoll(void)
{
	struct timespec time = { 0, 300000000 };

	ppoll(NULL, 0, &time, NULL);
}

static void by_select(void)
{
	struct timeval time = { 0, 300000 };

	syscall(SYS_select, 0, NULL, NULL, NULL, &time);
}

static void by_pselect(void)
{
	struct timespec time = { 0, 300000000 };

	pselect(0, NULL, NULL, NULL, &time, NULL);
}

static void by_epoll(void)
{
	struct epoll_event event;

	epoll_wait(epoll_create1(0), &event, 1, 300);
}

static void by_queue(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	struct timespec time = soon(CLOCK_REALTIME);
	mqd_t queue = mq_open("/waits", O_RDWR | O_CREAT, 0600, &attributes);
	char buffer[8];

	mq_unlink("/waits");
	mq_timedreceive(queue, buffer, sizeof buffer, NULL, &time);
}

static void by_send(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	mqd_t queue = mq_open("/sends", O_RDWR | O_CREAT, 0600, &attributes);
	struct timespec time = soon(CLOCK_REALTIME);

	mq_unlink("/sends");
	mq_send(queue, "", 1, 0);
	mq_timedsend(queue, "", 1, 0, &time);
}

static void by_semaphore(void)
{
	struct timespec time = soon(CLOCK_REALTIME);
	sem_t semaphore;

	sem_init(&semaphore, 0, 0);
	sem_timedwait(&semaphore, &time);
}

/* Timers only ring: the clock of the thread is not moved by them. */
static void by_timerfd(void)
{
	struct itimerspec timer = { .it_value = soon(CLOCK_REALTIME) };
	int fd = timerfd_create(CLOCK_REALTIME, 0);
	unsigned long long times;

	timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL);
	if (read(fd, &times, sizeof times) != sizeof times)
		_exit(1);
}

static void by_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec timer = { .it_value = soon(CLOCK_REALTIME) };
	timer_t id;
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	timer_create(CLOCK_REALTIME, &event, &id);
	timer_settime(id, TIMER_ABSTIME, &timer, NULL);
	sigwait(&set, &signal);
}

static void by_signal(void)
{
	struct timespec time = { 0, 300000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigtimedwait(&set, NULL, &time);
}

static void by_child(void)
{
	if (fork() == 0) {
		by_nanosleep();
		_exit(0);
	}
	wait(NULL);
}

static void *wait_in_thread(void *argument)
{
	(void)argument;
	by_nanosleep();
	return NULL;
}

/* Another thread's wait is its own. */
static void by_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, wait_in_thread, NULL);
	pthread_join(thread, NULL);
}

static void by_reading(void)
{
	struct timespec time = now(CLOCK_REALTIME);

	while (milliseconds(time, now(CLOCK_REALTIME)) < 300)
		;
}

static const struct way {
	const char *name;
	void (*go)(void);
} ways[] = {
	{ "nanosleep", by_nanosleep }, { "realtime", by_realtime }, { "monotonic", by_monotonic },
	{ "condition", by_condition }, { "lock", by_lock }, { "futex", by_futex }, { "poll", by_poll },
	{ "ppoll", by_ppoll }, { "select", by_select }, { "pselect", by_pselect }, { "epoll", by_epoll },
	{ "queue", by_queue }, { "send", by_send },
	{ "semaphore", by_semaphore }, { "timerfd", by_timerfd }, { "timer", by_timer }, { "signal", by_signal },
	{ "child", by_child },
	{ "thread", by_thread }, { "reading", by_reading },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct timespec real, own;

		if (argc > 1 && strcmp(argv[1], ways[i].name) != 0)
			continue;
		real = now(CLOCK_MONOTONIC);
		own = now(CLOCK_REALTIME);
		ways[i].go();
		printf("waits/%s: %ld tenths, %s\n", ways[i].name, (milliseconds(own, now(CLOCK_REALTIME)) + LATE) / 100,
			milliseconds(real, now(CLOCK_MONOTONIC)) >= WAIT ? "waited" : "at once");
		fflush(stdout);
	}
	return 0;
}
