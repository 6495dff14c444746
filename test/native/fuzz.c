/*
 * fuzz FIRST COUNT: runs COUNT random programs, each a sequence of system calls made from its seed and from the
 * tracer's own table, and prints what each call gave. What the contract changes is left out of the print: run under
 * the tracer the output is the same as without it. Clocks are looked at by every program and every image that one
 * starts, fuzz-static beside this file as well: with FUZZ_EPOCH they must be within a day of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../builder/native/tracer/calls.h"
#include "images.h"

enum { LENGTH = 40, PAGE = 4096, NUMBERS = 8, PATIENCE = 20000 };

static uint64_t random_state;
/* Two pages, of which the second cannot be used. */
static char *page;
static char *self;

static uint64_t next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static unsigned below(unsigned limit)
{
	return next() % limit;
}

#define PICK(array) array[below(sizeof array / sizeof *array)]

static int one_in(unsigned chances)
{
	return below(chances) == 0;
}

static void say(const char *name, long result)
{
	printf(" %s=%ld/%d", name, result < 0 ? -1 : result, result < 0 ? errno : 0);
}

static const char *a_path(void)
{
	static const char *const paths[] = {
		"a", "b", "c", "d", "d/e", "d/f", "link", "none", "none/none", "a/b", "", ".", "./d/../a",
	};

	return one_in(24) ? (const char *)8 : one_in(24) ? page + PAGE : PICK(paths);
}

static int a_descriptor(void)
{
	return one_in(8) ? -1 : one_in(16) ? AT_FDCWD : 3 + (int)below(NUMBERS);
}

/* Where to write at most `size` bytes; sometimes it cannot be written, or not all of it. */
static void *a_place(size_t size)
{
	switch (below(16)) {
	case 0: return NULL;
	case 1: return (void *)8;
	case 2: return page + PAGE - size / 2;
	case 3: return page + PAGE;
	case 4: return page + PAGE - size;
	default: return memset(page + 64 * below(8), 0x55, size);
	}
}

static int is_good(const void *place, size_t size)
{
	return (const char *)place >= page && (const char *)place + size <= page + PAGE;
}

static void do_open(void)
{
	static const int flags[] = {
		O_RDONLY, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_TRUNC, O_RDONLY | O_DIRECTORY, O_PATH, O_RDWR | O_CREAT | O_EXCL,
		O_RDWR | O_APPEND, O_RDONLY | O_NOFOLLOW, O_RDONLY | O_CLOEXEC,
	};
	int how = PICK(flags);
	long fd = one_in(2) ? openat(AT_FDCWD, a_path(), how, 0644) : syscall(SYS_open, a_path(), how, 0600);

	say("open", fd);
	if (fd >= 3 + NUMBERS)
		close(fd);
}

static void do_close(void)
{
	int fd = a_descriptor();

	say("close", fd < 3 ? 0 : close(fd));
}

static void say_file(const struct stat *file)
{
	int folder = S_ISDIR(file->st_mode);

	printf(":[%o,%ld,%ld,%d]", file->st_mode, folder ? 0 : (long)file->st_size, folder ? 0 : (long)file->st_nlink,
		file->st_uid);
}

static void do_stat(void)
{
	struct stat *file = a_place(sizeof *file);
	const char *path = a_path();
	long result;

	switch (below(6)) {
	case 0: result = syscall(SYS_stat, path, file); break;
	case 1: result = syscall(SYS_lstat, path, file); break;
	case 2: result = syscall(SYS_fstat, a_descriptor(), file); break;
	case 3: result = syscall(SYS_newfstatat, a_descriptor(), path, file, one_in(2) ? AT_EMPTY_PATH : 0); break;
	case 4: result = syscall(SYS_newfstatat, AT_FDCWD, path, file, one_in(4) ? 0x123 : AT_SYMLINK_NOFOLLOW); break;
	default: result = fstatat(AT_FDCWD, path, file, 0); break;
	}
	say("stat", result);
	if (result == 0)
		say_file(file);
}

static void do_statx(void)
{
	static const unsigned masks[] = { 0, STATX_BASIC_STATS, STATX_MODE, STATX_BTIME, 0xffffffff, 0x7ff };
	struct statx *file = a_place(sizeof *file);
	long result = syscall(SYS_statx, one_in(2) ? AT_FDCWD : a_descriptor(), a_path(),
		one_in(3) ? AT_EMPTY_PATH : one_in(4) ? 0x10000 : 0, PICK(masks), file);

	say("statx", result);
	if (result == 0)
		printf(":[%o,%d]", file->stx_mode, S_ISDIR(file->stx_mode) ? 0 : (int)file->stx_size);
}

static void do_statfs(void)
{
	struct statfs *system = a_place(sizeof *system);

	say("statfs", one_in(2) ? syscall(SYS_statfs, a_path(), system) : syscall(SYS_fstatfs, a_descriptor(), system));
}

/* Only how many there are: the order is what the contract changes. */
static void do_list(void)
{
	int fd = a_descriptor(), old = one_in(2), count = 0;
	char *to = a_place(512);
	unsigned room = one_in(6) ? below(40) : 512;
	long got;

	got = syscall(old ? SYS_getdents : SYS_getdents64, fd, to, room);
	if (got <= 0 || room < 512) {
		say("list", got > 0 ? 1 : got);
		return;
	}
	do
		for (long at = 0; at < got; at += *(unsigned short *)(to + at + 16))
			count++;
	while ((got = syscall(old ? SYS_getdents : SYS_getdents64, fd, to, room)) > 0);
	printf(" list=%d/%ld", count, got);
	if (one_in(2))
		say("rewind", lseek(fd, 0, SEEK_SET));
}

static void do_clock(void)
{
	static const int clocks[] = { 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 31, 32, -1, -6 };
	struct timespec *now = a_place(sizeof *now);
	int clock = PICK(clocks), way = below(5);
	/* Those of the real time. */
	int is_date = way < 2 || (way != 3 && (clock == 0 || clock == 5 || clock == 11));
	long result;

	switch (way) {
	case 0: result = syscall(SYS_gettimeofday, now, one_in(4) ? a_place(8) : NULL); break;
	case 1: result = syscall(SYS_time, now) > 0 ? 0 : -1; break;
	case 2: result = is_good(now, sizeof *now) ? clock_gettime(clock, now) : syscall(SYS_clock_gettime, clock, now); break;
	case 3: result = syscall(SYS_clock_getres, clock, now); break;
	default: result = syscall(SYS_clock_gettime, clock, now); break;
	}
	say("clock", result);
	if (result == 0 && is_date && is_good(now, sizeof *now))
		printf(":[%d]", is_of_build(now->tv_sec));
}

static void do_sleep(void)
{
	/* What is put there first may be put where the time is to be. */
	void *mask = a_place(8);
	struct timespec *time = a_place(sizeof *time);

	/* None waits for ever. */
	if (!time)
		return;
	if (is_good(time, sizeof *time))
		*time = (struct timespec){ one_in(8) ? -1 : 0, one_in(8) ? 1000000000 : one_in(8) ? -5 : (int)below(200000) };
	switch (below(6)) {
	case 0: say("nanosleep", syscall(SYS_nanosleep, time, a_place(16))); break;
	/* Of time that it uses itself a process would wait for ever. */
	case 1: say("clock_nanosleep", syscall(SYS_clock_nanosleep, one_in(4) ? 12 : below(2), below(2), time, NULL)); break;
	case 2: say("ppoll", syscall(SYS_ppoll, NULL, 0, time, mask, one_in(4) ? 4 : 8)); break;
	case 3: say("pselect", syscall(SYS_pselect6, 0, NULL, NULL, NULL, time, NULL)); break;
	case 4: say("poll", syscall(SYS_poll, NULL, 0, below(3))); break;
	default: {
		struct timeval *wanted = a_place(sizeof *wanted);

		if (is_good(wanted, sizeof *wanted))
			*wanted = (struct timeval){ 0, below(2000) };
		if (wanted)
			say("select", syscall(SYS_select, 0, NULL, NULL, NULL, wanted));
	}
	}
}

static void do_futex(void)
{
	static const int operations[] = { FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME,
		FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 77, FUTEX_LOCK_PI };
	int *word = (int *)(page + 64), operation = PICK(operations);
	struct timespec *time = a_place(sizeof *time);

	if (!time)
		time = (struct timespec *)8;
	if ((char *)time < (char *)word + sizeof *time)
		time = (struct timespec *)(page + 128);
	*word = 5;
	if (is_good(time, sizeof *time))
		*time = (struct timespec){ one_in(4), one_in(8) ? -1 : (int)below(100000) };
	if (operation == FUTEX_LOCK_PI)
		*word = 0;
	if ((operation & 0x7f) == FUTEX_WAIT && is_good(time, sizeof *time))
		time->tv_sec = 0;
	say("futex", syscall(SYS_futex, one_in(8) ? (int *)((char *)word + 1) : word, operation, one_in(4) ? 4 : 5, time, NULL,
		one_in(8) ? 0 : -1));
}

/* Times that lie far ahead or are none at all, and what overflows when it is counted in nanoseconds. */
static struct timespec an_odd_time(void)
{
	static const long seconds[] = {
		-1, 0, 1, 5000000000, 6999999999, 7000000000, 9223372035, 9223372036, 9223372037, INT64_MAX, INT64_MIN,
	};
	static const long parts[] = { 0, 1, 999999999, 1000000000, -1, INT64_MAX };

	return (struct timespec){ PICK(seconds), one_in(2) ? 0 : PICK(parts) };
}

/* A moment that has just passed, or comes at once. */
static struct timespec a_moment(int clock)
{
	struct timespec time = { 0 };

	clock_gettime(clock, &time);
	time.tv_nsec += 100000 * below(3);
	time.tv_sec += time.tv_nsec / 1000000000 - (one_in(3) ? below(100) : 0);
	time.tv_nsec %= 1000000000;
	return time;
}

static mqd_t a_queue(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	char name[32];
	mqd_t queue;

	snprintf(name, sizeof name, "/fuzz-%d", getpid());
	queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attributes);
	mq_unlink(name);
	return queue;
}

/* Waits until a time of a clock; some waits know only one or two. */
static void wait_until(int clock, struct timespec time)
{
	const int futex_clock = clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0;
	int word = 0;
	char message[8] = "";
	mqd_t queue;

	switch (clock > CLOCK_MONOTONIC ? 1 : below(4)) {
	case 0: say("until", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | futex_clock, 0, &time, NULL, -1)); return;
	case 1: say("until", syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &time, NULL)); return;
	}
	if (clock != CLOCK_REALTIME)
		return;
	queue = a_queue();
	if (one_in(2)) {
		say("receive", syscall(SYS_mq_timedreceive, queue, message, sizeof message, NULL, &time));
	} else {
		mq_send(queue, message, 1, 0);
		say("send", syscall(SYS_mq_timedsend, queue, message, 1, 0, &time));
	}
	mq_close(queue);
}

/* Waits for so long. */
static void wait_for(struct timespec time)
{
	struct timeval rough = { time.tv_sec, time.tv_nsec };
	struct epoll_event event;
	int word = 0, fd;

	switch (below(6)) {
	case 0: say("for", syscall(SYS_nanosleep, &time, NULL)); break;
	case 1: say("for", syscall(SYS_clock_nanosleep, below(2), 0, &time, NULL)); break;
	case 2: say("for", syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, NULL, 0)); break;
	case 3: say("for", syscall(SYS_ppoll, NULL, 0, &time, NULL, 8)); break;
	case 4: say("for", syscall(SYS_select, 0, NULL, NULL, NULL, &rough)); break;
	default:
		fd = epoll_create1(0);
		say("for", syscall(SYS_epoll_pwait2, fd, &event, 1, &time, NULL, 8));
		close(fd);
	}
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* What would last is interrupted, again and again, whatever the program has done with signals. */
static void do_odd_wait(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI, 12 };
	struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	const struct itimerval never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm }, old;
	sigset_t alarms, mask;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigaction(SIGALRM, &action, &old);
	sigprocmask(SIG_UNBLOCK, &alarms, &mask);
	setitimer(ITIMER_REAL, &often, NULL);
	if (one_in(3))
		wait_for(an_odd_time());
	else
		wait_until(PICK(clocks), an_odd_time());
	setitimer(ITIMER_REAL, &never, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGALRM, &old, NULL);
}

static void do_moment(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI };
	int clock = PICK(clocks);

	wait_until(clock, a_moment(clock));
}

/* How far ahead a timer is: one for ever is so after any rebasing. */
static void say_timer(const char *name, long result, const struct itimerspec *left)
{
	say(name, result);
	if (result == 0)
		printf(":[%s]", left->it_value.tv_sec > 1000000000 ? "far" : left->it_value.tv_sec > 0 ? "near" : "no");
}

static void do_moment_of_timer(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };
	int clock = PICK(clocks);
	struct itimerspec timer = { { 0, 0 }, one_in(2) ? an_odd_time() : a_moment(clock) }, left = { 0 };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	timer_t id;
	int fd, failure;
	long result;

	if (one_in(2) && timer.it_value.tv_sec < 4000000000)
		timer.it_value.tv_sec += 900;
	if (one_in(2)) {
		fd = timerfd_create(clock, TFD_NONBLOCK);
		result = syscall(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &timer, NULL);
		failure = errno;
		timerfd_gettime(fd, &left);
		errno = failure;
		say_timer("timerfd", result, &left);
		close(fd);
	} else if (timer_create(clock, &event, &id) == 0) {
		result = syscall(SYS_timer_settime, id, TIMER_ABSTIME, &timer, NULL);
		failure = errno;
		timer_gettime(id, &left);
		errno = failure;
		say_timer("timer", result, &left);
		timer_delete(id);
	}
}

static void do_epoll(void)
{
	int fd = epoll_create1(0);
	struct epoll_event *events = a_place(sizeof *events);

	switch (below(3)) {
	case 0: say("epoll_wait", syscall(SYS_epoll_wait, fd, events, below(3), below(3))); break;
	case 1: say("epoll_pwait", syscall(SYS_epoll_pwait, fd, events, 1, below(2), a_place(8), one_in(3) ? 4 : 8)); break;
	default: say("epoll_pwait2", syscall(SYS_epoll_pwait2, fd, events, 1, page + 1024, NULL, 8)); break;
	}
	close(fd);
}

static void do_timer(void)
{
	struct itimerspec *timer = a_place(sizeof *timer);
	int fd = timerfd_create(one_in(2) ? CLOCK_REALTIME : CLOCK_MONOTONIC, TFD_NONBLOCK);

	if (is_good(timer, sizeof *timer))
		*timer = (struct itimerspec){ { 0, 0 }, { one_in(4) ? -1 : 1, one_in(8) ? -1 : 500 } };
	say("timerfd", syscall(SYS_timerfd_settime, one_in(8) ? -1 : fd, one_in(8) ? 77 : below(2), timer,
		one_in(3) ? a_place(32) : NULL));
	close(fd);
}

static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	struct stat file;

	caught += signal;
	stat(".", &file);
	syscall(SYS_clock_gettime, 0, page + 2048);
}

static void do_action(void)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGSYS, SIGALRM, SIGKILL, SIGWINCH, 0, 65, 64, 40 };
	struct sigaction action = { .sa_handler = one_in(3) ? SIG_IGN : on_signal, .sa_flags = one_in(2) ? SA_RESTART : 0 };
	struct sigaction old;
	int signal = PICK(signals);

	if (one_in(2))
		sigfillset(&action.sa_mask);
	if (one_in(4)) {
		say("rt_sigaction", syscall(SYS_rt_sigaction, signal, one_in(2) ? NULL : a_place(32), a_place(32), one_in(4) ? 4 : 8));
		/* What lay there is no handler to be called. */
		if (signal == SIGUSR1 || signal == SIGUSR2 || signal == SIGALRM || signal > 32)
			sigaction(signal, &action, NULL);
		return;
	}
	if (signal == SIGALRM && action.sa_handler == SIG_DFL)
		return;
	say("sigaction", sigaction(signal, one_in(4) ? NULL : &action, &old));
	if (sigaction(signal, NULL, &old) == 0 && signal != SIGKILL)
		printf(":[%d,%x,%d,%d]", old.sa_handler == on_signal, old.sa_flags, sigismember(&old.sa_mask, SIGUSR2),
			sigismember(&old.sa_mask, SIGSYS));
}

static void do_mask(void)
{
	sigset_t set, old, now;
	int how = below(4);

	sigemptyset(&set);
	if (one_in(2))
		sigaddset(&set, SIGUSR1);
	if (one_in(2))
		sigaddset(&set, SIGUSR2);
	if (one_in(4))
		sigfillset(&set);
	if (one_in(4)) {
		say("rt_sigprocmask", syscall(SYS_rt_sigprocmask, SIG_BLOCK + 7 * below(2), one_in(2) ? a_place(8) : NULL, a_place(8),
			one_in(4) ? 4 : 8));
		sigemptyset(&set);
		sigprocmask(SIG_SETMASK, &set, NULL);
		return;
	}
	say("sigprocmask", one_in(2) ? sigprocmask(how, &set, &old) : syscall(SYS_rt_sigprocmask, how, &set, &old, 8));
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &now, 8) == 0)
		printf(":[%d,%d,%d]", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2), sigismember(&now, SIGTERM));
}

static void do_raise(void)
{
	struct sigaction old;
	int signal = one_in(2) ? SIGUSR1 : SIGUSR2;

	sigaction(signal, NULL, &old);
	if (old.sa_handler == SIG_DFL)
		return;
	say("raise", raise(signal));
	printf(":[%d]", (int)caught);
}

static void do_pending(void)
{
	sigset_t set;

	sigpending(&set);
	printf(" pending=%d%d", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
}

static void do_altstack(void)
{
	static char memory[16384];
	stack_t stack = { .ss_sp = memory, .ss_size = one_in(3) ? 100 : sizeof memory, .ss_flags = one_in(4) ? SS_DISABLE : 0 };
	stack_t old;

	if (one_in(6))
		stack.ss_flags = 99;
	say("sigaltstack", one_in(4) ? syscall(SYS_sigaltstack, NULL, a_place(24)) : sigaltstack(&stack, &old));
	if (sigaltstack(NULL, &old) == 0)
		printf(":[%d,%d,%d]", old.ss_sp == memory, old.ss_flags, (int)old.ss_size);
}

static void do_random(void)
{
	say("getrandom", syscall(SYS_getrandom, a_place(64), one_in(4) ? 0 : 64, one_in(4) ? below(16) : 0));
}

static void do_machine(void)
{
	struct utsname *name = a_place(sizeof *name);
	long result;

	switch (below(8)) {
	case 0: say("uname", syscall(SYS_uname, name)); break;
	case 1: say("sysinfo", syscall(SYS_sysinfo, a_place(112))); break;
	case 2:
		result = syscall(SYS_sched_getaffinity, one_in(4) ? -3 : 0, one_in(4) ? 3 : 128, a_place(128));
		say("affinity", result < 0 ? -1 : 0);
		break;
	case 3: say("getcpu", syscall(SYS_getcpu, a_place(4), a_place(4), NULL) < 0 ? -1 : 0); break;
	case 4: result = syscall(SYS_getgroups, one_in(3) ? -1 : 0, NULL); say("groups", result < 0 ? -1 : 0); break;
	case 5: say("rusage", syscall(SYS_getrusage, (int)below(4) - 1, a_place(144))); break;
	case 6: result = syscall(SYS_times, one_in(2) ? NULL : a_place(32)); say("times", result < 0 ? -1 : 0); break;
	default: say("personality", syscall(SYS_personality, 0xffffffff) < 0 ? -1 : 0); break;
	}
}

static void do_change(void)
{
	const char *path = a_path(), *other = a_path();
	struct timespec times[2] = { { below(1000), 0 }, { below(1000), one_in(4) ? UTIME_OMIT : 5 } };

	switch (below(9)) {
	case 0: say("mkdir", mkdir(path, 0755)); break;
	case 1: say("unlink", unlink(path)); break;
	case 2: say("link", link(path, other)); break;
	case 3: say("symlink", symlink("a", path)); break;
	case 4: say("rename", one_in(6) ? -1 : rename(path, other)); break;
	case 5: say("utimensat", utimensat(AT_FDCWD, path, times, 0)); break;
	case 6: say("truncate", truncate(path, below(5000))); break;
	case 7: say("chmod", chmod(path, one_in(2) ? 0644 : 0755)); break;
	default: say("rmdir", rmdir(path)); break;
	}
}

/* An explicit time of the past is kept. */
static void do_old_time(void)
{
	struct timespec times[2] = { { 11, 12 }, { 86400 + below(1000), 7 } };
	struct stat file;

	if (utimensat(AT_FDCWD, "a", times, 0) == 0 && stat("a", &file) == 0)
		printf(" time=%ld.%ld", (long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

static void do_newer(void)
{
	struct stat first, second;
	int fd = open("old", O_CREAT | O_WRONLY, 0644);

	close(fd);
	usleep(12000);
	fd = open("new", O_CREAT | O_WRONLY, 0644);
	close(fd);
	if (stat("old", &first) == 0 && stat("new", &second) == 0)
		printf(" newer=%d", second.st_mtim.tv_sec > first.st_mtim.tv_sec || second.st_mtim.tv_nsec > first.st_mtim.tv_nsec);
	unlink("old");
	unlink("new");
}

static void do_read_write(void)
{
	int fd = a_descriptor();

	if (fd < 3)
		return;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	switch (below(4)) {
	case 0: {
		long got = syscall(SYS_read, fd, a_place(64), 64);

		/* Of a folder: how large its file system's positions are decides. */
		if (got < 0 && errno == EINVAL)
			errno = EISDIR;
		say("read", got);
		break;
	}
	case 1: say("write", syscall(SYS_write, fd, a_place(64), 64)); break;
	case 2: say("lseek", lseek(fd, 0, one_in(2) ? SEEK_SET : 77)); break;
	default: say("dup2", dup2(fd, 3 + below(NUMBERS))); break;
	}
}

static void do_map(void)
{
	int fd = a_descriptor();
	void *at = mmap(NULL, one_in(8) ? 0 : PAGE, one_in(2) ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE,
		one_in(2) ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS, fd < 0 ? -1 : fd, one_in(8) ? 5 : 0);

	say("mmap", at == MAP_FAILED ? -1 : 0);
	if (at != MAP_FAILED)
		munmap(at, PAGE);
}

static void do_break(void)
{
	char *now = (char *)syscall(SYS_brk, 0);

	printf(" brk=%d", syscall(SYS_brk, now + PAGE) == (long)(now + PAGE) && syscall(SYS_brk, now) == (long)now);
}

static void do_fork(void)
{
	siginfo_t info = { 0 };
	int status = 0, how = below(5), with_info = one_in(3);
	struct rusage usage;
	pid_t pid = how == 0 ? vfork() : fork();

	if (pid == 0) {
		if (how == 1)
			execl(self, self, "exit", NULL);
		if (how == 2)
			raise(SIGTERM);
		if (how > 2)
			syscall(SYS_nanosleep, &(struct timespec){ 0, 1000 }, NULL);
		_exit(is_told() ? how + 3 : ESCAPED);
	}
	if (with_info)
		printf(" waitid=%ld", syscall(SYS_waitid, P_PID, pid, &info, WEXITED, one_in(2) ? &usage : NULL));
	else
		printf(" wait=%d", (int)syscall(SYS_wait4, pid, &status, 0, one_in(2) ? &usage : NULL) == pid);
	printf(":[%d,%x,%d,%d]", how, status, info.si_status, info.si_code);
	say("wait", wait4(-1, &status, WNOHANG, NULL));
}

static void do_start(void)
{
	unsigned way = below(STARTS), kind = below(KINDS);

	printf(" start-%u-%u=%d", way, kind, start_image(way, kind, below(3)));
}

static void do_exec_failure(void)
{
	char *const arguments[] = { "none", NULL };

	switch (below(4)) {
	case 0: say("execve", syscall(SYS_execve, "none", arguments, NULL)); break;
	case 1: say("execve", syscall(SYS_execve, (void *)8, (void *)8, NULL)); break;
	case 2: say("execveat", syscall(SYS_execveat, -1, "none", arguments, NULL, 0)); break;
	default: say("execve", syscall(SYS_execve, "d", arguments, NULL)); break;
	}
}

static void *in_thread(void *argument)
{
	struct stat file;
	struct timespec now = { 0 };

	*(long *)argument = stat("a", &file) + syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) + !is_of_build(now.tv_sec);
	return NULL;
}

static void do_thread(void)
{
	enum { COUNT = 4 };
	pthread_t threads[COUNT];
	long results[COUNT], sum = 0;

	for (int i = 0; i < COUNT; i++)
		pthread_create(&threads[i], NULL, in_thread, &results[i]);
	for (int i = 0; i < COUNT; i++) {
		pthread_join(threads[i], NULL);
		sum += results[i];
	}
	printf(" threads=%ld", sum);
}

/* Calls that pass, refuse or do not exist, with arguments that harm nothing. */
static void do_any(void)
{
#define NUMBER(name) SYS_##name,
#define HANDLED(name, ...) SYS_##name,
	static const int refused[] = { SYS_io_uring_setup, SYS_perf_event_open, SYS_userfaultfd };
	static const int handled[] = { HANDLED_CALLS(HANDLED, HANDLED) };
	static const int passed[] = { PASSED_CALLS(NUMBER) };
	/* What would end, stop or change more than this process sees, or waits. */
	static const int harmful[] = {
		SYS_pause, SYS_exit, SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_vhangup, SYS_reboot, SYS_sync, SYS_swapoff,
		SYS_fork, SYS_vfork, SYS_clone, SYS_setsid, SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_shmget, SYS_semget, SYS_msgget,
		SYS_mq_open, SYS_alarm, SYS_setitimer, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgrp, SYS_getsid, SYS_getpgid,
		SYS_setpgid, SYS_chroot, SYS_seccomp, SYS_prctl, SYS_unshare, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_close_range,
		SYS_restart_syscall, SYS_sethostname, SYS_setdomainname, SYS_acct, SYS_iopl, SYS_ioperm, SYS_ptrace, SYS_getrlimit,
		SYS_setrlimit, SYS_prlimit64, SYS_umask, SYS_set_tid_address, SYS_set_robust_list, SYS_get_robust_list, SYS_setuid,
		SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid, SYS_setfsgid, SYS_setgroups,
		SYS_capset, SYS_init_module, SYS_delete_module, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_ioprio_set,
		SYS_setpriority, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_io_setup, SYS_keyctl, SYS_add_key,
		SYS_request_key, SYS_fsopen, SYS_fanotify_init, SYS_set_mempolicy, SYS_mlockall, SYS_landlock_restrict_self,
		SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pkey_alloc, SYS_timer_create, SYS_brk, SYS_msgrcv, SYS_get_mempolicy,
		SYS_io_getevents, SYS_membarrier, SYS_semctl, SYS_shmctl, SYS_msgctl, SYS_read, SYS_pread64, SYS_readv, SYS_syncfs,
		SYS_clock_gettime, SYS_clock_getres, SYS_fchmod, SYS_fchown, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_pidfd_getfd, SYS_process_mrelease,
		SYS_process_madvise, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_move_pages, SYS_migrate_pages,
		SYS_sched_getattr, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_rr_get_interval,
	};
	long arguments[6];
	int number = one_in(8) ? PICK(refused) : one_in(3) ? PICK(handled) : PICK(passed);
	long result;

	for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++)
		if (harmful[i] == number)
			return;
	for (int i = 0; i < 6; i++)
		arguments[i] = one_in(2) ? -1 : 8;
	/* Descriptors that are not there and places that cannot be used: each call must fail, or do nothing. */
	if (number == SYS_io_uring_setup || number == SYS_perf_event_open || number == SYS_userfaultfd)
		return;
	result = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
	printf(" any-%d=%s/%d", number, result < 0 ? "-" : "+", result < 0 ? errno : 0);
}

static void (*const steps[])(void) = {
	do_open, do_open, do_close, do_stat, do_stat, do_statx, do_statfs, do_list, do_list, do_clock, do_clock, do_sleep,
	do_futex, do_epoll, do_timer, do_odd_wait, do_odd_wait, do_moment, do_moment_of_timer, do_action, do_action, do_mask, do_mask, do_raise, do_raise, do_pending, do_altstack,
	do_random, do_machine, do_machine, do_change, do_change, do_change, do_old_time, do_newer, do_read_write, do_read_write,
	do_map, do_break, do_fork, do_start, do_exec_failure, do_thread, do_any, do_any,
};

static void prepare(uint64_t seed)
{
	char path[64];

	snprintf(path, sizeof path, "fuzz-%d", getpid());
	if (mkdir(path, 0755) < 0 || chdir(path) < 0)
		exit(9);
	close(open("a", O_CREAT | O_WRONLY, 0644));
	mkdir("d", 0755);
	close(open("d/e", O_CREAT | O_WRONLY, 0644));
	if (symlink("a", "link") < 0)
		exit(9);
	random_state = seed * 0x2545f4914f6cdd1dull + 1;
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(page + PAGE, PAGE, PROT_NONE);
}

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *place)
{
	(void)file, (void)type, (void)place;
	return remove(path);
}

/* Folders may have been made unreadable. */
static int open_up(const char *path, const struct stat *file, int type, struct FTW *place)
{
	(void)file, (void)place;
	return type == FTW_D || type == FTW_DNR ? chmod(path, 0700) : 0;
}

static void clean(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof path, "fuzz-%d", pid);
	nftw(path, open_up, 8, FTW_PHYS);
	nftw(path, open_up, 8, FTW_PHYS);
	nftw(path, remove_one, 8, FTW_PHYS | FTW_DEPTH);
}

static void run(uint64_t seed)
{
	char line[1 << 16];

	prepare(seed);
	for (int fd = 3; fd < 20; fd++)
		close(fd);
	setvbuf(stdout, line, _IOFBF, sizeof line);
	printf("%llu:", (unsigned long long)seed);
	for (int i = 0; i < LENGTH; i++) {
		PICK(steps)();
		fflush(stdout);
	}
	printf("\n");
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	pid_t pid;
	int status = 0;

	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		return be_image(argc, argv);
	self = realpath("/proc/self/exe", NULL);
	name_images(self);
	/* Random calls are not for root. */
	if (geteuid() == 0 && (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0))
		return 1;
	for (uint64_t seed = first; seed < first + count; seed++) {
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			run(seed);
		for (int i = 0; i < PATIENCE && waitpid(pid, &status, WNOHANG) != pid; i++) {
			usleep(500);
			if (i == PATIENCE - 1)
				status = 0xffff, kill(pid, SIGKILL), waitpid(pid, NULL, 0);
		}
		if (status)
			printf(" status=%x\n", status);
		clean(pid);
	}
	return 0;
}
