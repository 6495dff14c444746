/* Prints what a program sees of each class, a line each: what may be left to the host is the host's, all of it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the processor has surely worked for some ticks. */
static void work(void)
{
	long start = milliseconds(CLOCK_MONOTONIC);

	while (milliseconds(CLOCK_MONOTONIC) - start < 300)
		;
}

static int has_used(const struct rusage *usage)
{
	return usage->ru_utime.tv_sec || usage->ru_utime.tv_usec || usage->ru_maxrss;
}

static int stat_has_time(void)
{
	unsigned long user = 0, system = 0;
	FILE *file = fopen("/proc/self/stat", "r");

	if (fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return -1;
	fclose(file);
	return user + system > 0;
}

static void see_usage(void)
{
	struct rusage usage;
	struct tms used;
	pid_t pid = fork();

	if (pid == 0) {
		work();
		_exit(0);
	}
	wait4(pid, NULL, 0, &usage), printf("usage: wait4 %d", has_used(&usage));
	work();
	times(&used);
	getrusage(RUSAGE_SELF, &usage), printf(" self %d", has_used(&usage));
	getrusage(RUSAGE_CHILDREN, &usage), printf(" children %d", has_used(&usage));
	printf(" times %d %d", used.tms_utime > 0, used.tms_cutime > 0);
	printf(" clocks %d %d", milliseconds(CLOCK_PROCESS_CPUTIME_ID) > 20, milliseconds(CLOCK_THREAD_CPUTIME_ID) > 20);
	printf(" stat %d\n", stat_has_time());
}

static void see_clock(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	printf("clock: %ld %ld %ld\n", (long)time(NULL), (long)now.tv_sec, milliseconds(CLOCK_REALTIME_COARSE) / 1000);
}

static void see_file(void)
{
	struct dirent *entry;
	struct stat file;
	struct statx more;
	DIR *folder = opendir(".");

	stat("relaxed", &file);
	while ((entry = readdir(folder)) && strcmp(entry->d_name, "relaxed") != 0)
		;
	closedir(folder);
	/* Whatever is asked for. */
	syscall(SYS_statx, AT_FDCWD, "relaxed", 0, 0x7fffffff, &more);
	printf("file: %lu %lu %lu\n", (unsigned long)file.st_ino, (unsigned long)entry->d_ino, (unsigned long)more.stx_ino);
}

static void see_random(void)
{
	const unsigned char *origin = (const unsigned char *)getauxval(AT_RANDOM);
	unsigned char bytes[4];

	getrandom(bytes, sizeof bytes, 0);
	printf("random: %02x%02x%02x%02x %02x%02x%02x%02x\n", origin[0], origin[1], origin[8], origin[9], bytes[0], bytes[1],
		bytes[2], bytes[3]);
}

static void see_machine(void)
{
	struct utsname name;
	long nice = 0;
	FILE *file = fopen("/proc/self/stat", "r");

	uname(&name);
	if (fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %ld", &nice) != 1)
		nice = -99;
	printf("machine: %s %d %d %ld\n", name.release, get_nprocs(), getpriority(PRIO_PROCESS, 0), nice);
}

int main(void)
{
	see_usage();
	see_clock();
	see_file();
	see_random();
	see_machine();
}
