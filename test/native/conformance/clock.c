/* Clocks, by every way there is to read them. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

enum { NEAR = 1000, MILLISECOND = 1000000 };

static const struct clock {
	const char *name;
	clockid_t id;
} clocks[] = {
	{ "realtime", CLOCK_REALTIME }, { "coarse", CLOCK_REALTIME_COARSE }, { "alarm", CLOCK_REALTIME_ALARM },
	{ "tai", CLOCK_TAI },
};

static const struct clock running[] = {
	{ "monotonic", CLOCK_MONOTONIC }, { "monotonic-coarse", CLOCK_MONOTONIC_COARSE },
	{ "monotonic-raw", CLOCK_MONOTONIC_RAW }, { "boottime", CLOCK_BOOTTIME },
};

static long nanoseconds(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void spend(long wanted)
{
	long start = nanoseconds(CLOCK_MONOTONIC);

	while (nanoseconds(CLOCK_MONOTONIC) - start < wanted)
		;
}

/* At its fixed address, where the kernel has it. */
static long time_by_vsyscall(void)
{
	static char maps[1 << 16];

	maps[read_file("/proc/self/maps", maps, sizeof maps - 1)] = 0;
	return strstr(maps, "[vsyscall]") ? ((long (*)(long *))0xffffffffff600400)(NULL) : time(NULL);
}

static void ask_constant(void)
{
	struct timespec now;
	struct timeval time_of_day;

	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		clock_gettime(clocks[i].id, &now);
		printf("clock/%s: %ld\n", clocks[i].name, now.tv_sec);
		syscall(SYS_clock_gettime, clocks[i].id, &now);
		printf("clock/%s by system call: %ld\n", clocks[i].name, now.tv_sec);
	}
	gettimeofday(&time_of_day, NULL);
	printf("clock/gettimeofday: %ld\n", time_of_day.tv_sec);
	syscall(SYS_gettimeofday, &time_of_day, NULL);
	printf("clock/gettimeofday by system call: %ld\n", time_of_day.tv_sec);
	printf("clock/time: %ld\n", time(NULL));
	printf("clock/time by system call: %ld\n", syscall(SYS_time, NULL));
	printf("clock/time by vsyscall: %ld\n", time_by_vsyscall());
}

static void ask_running(void)
{
	for (size_t i = 0; i < sizeof running / sizeof *running; i++) {
		long start = nanoseconds(running[i].id);

		spend(10 * MILLISECOND);
		printf("monotonic/%s: %s, %s\n", running[i].name, start / 1000000000 < NEAR ? "starts near zero" : "is the host's",
			nanoseconds(running[i].id) > start ? "runs" : "stands");
	}
}

void ask_clock(void)
{
	long start = nanoseconds(CLOCK_REALTIME);

	ask_constant();
	ask_running();
	printf("clock/fraction: %s\n", nanoseconds(CLOCK_REALTIME) > start ? "grows" : "stands");
}
