/* What a process has used so far. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

enum { WORK = 20000000, FIELDS = 52 };

static void work(void)
{
	for (volatile int i = 0; i < WORK; i++)
		;
}

static void show(const char *name, const struct rusage *usage)
{
	printf("usage/%s: %ld.%06ld %ld.%06ld memory %ld faults %ld %ld switches %ld %ld\n", name, usage->ru_utime.tv_sec,
		usage->ru_utime.tv_usec, usage->ru_stime.tv_sec, usage->ru_stime.tv_usec, usage->ru_maxrss,
		usage->ru_minflt, usage->ru_majflt, usage->ru_nvcsw, usage->ru_nivcsw);
}

static void ask_clock_of(const char *name, clockid_t clock)
{
	struct timespec used;

	must(clock_gettime(clock, &used) == 0, name);
	printf("usage/%s: %ld.%09ld\n", name, used.tv_sec, used.tv_nsec);
}

static void ask_clocks(void)
{
	clockid_t id;

	ask_clock_of("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID);
	ask_clock_of("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID);
	must(clock_getcpuclockid(getpid(), &id) == 0, "clock_getcpuclockid");
	ask_clock_of("clock_getcpuclockid", id);
	must(pthread_getcpuclockid(pthread_self(), &id) == 0, "pthread_getcpuclockid");
	ask_clock_of("pthread_getcpuclockid", id);
	printf("usage/clock: %ld\n", clock() / 100000);
}

/* Fields of /proc/PID/stat by their numbers in proc(5): faults, times, start, memory. */
static void ask_stat(const char *path)
{
	static const int shown[] = { 10, 11, 12, 13, 14, 15, 16, 17, 22, 24, 39, 42, 43, 44 };
	char text[4096] = "", *rest, *field;
	const char *fields[FIELDS + 1] = { NULL };

	text[read_file(path, text, sizeof text - 1)] = 0;
	field = strtok_r(strrchr(text, ')') + 1, " ", &rest);
	for (int i = 3; i <= FIELDS && field; i++, field = strtok_r(NULL, " ", &rest))
		fields[i] = field;
	printf("usage/%s:", path);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		printf(" %s", fields[shown[i]] ? fields[shown[i]] : "-");
	printf("\n");
}

void ask_usage(void)
{
	struct rusage usage;
	struct tms times_used;
	long ticks;

	work();
	if (fork() == 0) {
		work();
		_exit(0);
	}
	must(wait4(-1, NULL, 0, &usage) > 0, "wait4");
	show("wait4", &usage);
	getrusage(RUSAGE_SELF, &usage), show("getrusage", &usage);
	getrusage(RUSAGE_CHILDREN, &usage), show("getrusage of children", &usage);
	getrusage(RUSAGE_THREAD, &usage), show("getrusage of a thread", &usage);
	ticks = times(&times_used);
	printf("usage/times: %ld %ld %ld %ld\n", times_used.tms_utime, times_used.tms_stime, times_used.tms_cutime,
		times_used.tms_cstime);
	printf("usage/ticks: %s\n", ticks < 100000 ? "since the start" : "the host's");
	ask_clocks();
	ask_stat("/proc/self/stat");
	ask_stat("/proc/thread-self/stat");
}
