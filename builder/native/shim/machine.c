/* One constant machine. */
#include <sys/personality.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

#include "shim.h"

#define QUERY 0xffffffffu

enum { WORD = 64, HOST_WORDS = 128, FREE_READS = 64, TICKS = 100 };

static void write_text(char *to, size_t size, const char *text)
{
	clear(to, size);
	copy(to, text, length(text));
}

long handle_uname(const struct call *call)
{
	struct utsname *name = (struct utsname *)call->args[0];
	long result = real(SYS_uname, name);

	if (result < 0)
		return result;
	write_text(name->nodename, sizeof name->nodename, settings->hostname);
	write_text(name->release, sizeof name->release, settings->release);
	write_text(name->version, sizeof name->version, settings->version);
	return 0;
}

long handle_sysinfo(const struct call *call)
{
	struct sysinfo *info = (struct sysinfo *)call->args[0];
	long result = real(SYS_sysinfo, info);

	if (result < 0)
		return result;
	*info = (struct sysinfo){
		.uptime = 1000, .totalram = settings->memory, .freeram = settings->memory / 2,
		.bufferram = settings->memory / 16, .procs = 100, .mem_unit = 1,
	};
	return 0;
}

/*
 * As many whole words as hold the processors. The kernel says whether there is such a process, into room for the most
 * processors that a host can have.
 */
long handle_sched_getaffinity(const struct call *call)
{
	uint64_t *mask = (uint64_t *)call->args[2], of_host[HOST_WORDS];
	const unsigned size = call->args[1], words = (settings->cpus + WORD - 1) / WORD, last = settings->cpus % WORD;
	long result;

	if (size * 8 < settings->cpus || size % sizeof *mask)
		return -EINVAL;
	result = real(SYS_sched_getaffinity, call->args[0], sizeof of_host, of_host);
	if (result < 0)
		return result;
	if (!can_write(mask, words * sizeof *mask))
		return -EFAULT;
	for (unsigned i = 0; i < words; i++)
		mask[i] = ~0ull;
	if (last)
		mask[words - 1] = (1ull << last) - 1;
	return words * sizeof *mask;
}

/* The host may not have the processors that a program was told of. */
long handle_sched_setaffinity(const struct call *call)
{
	return can_read((const void *)call->args[2], 8) ? 0 : -EFAULT;
}

long handle_getcpu(const struct call *call)
{
	unsigned *cpu = (unsigned *)call->args[0], *node = (unsigned *)call->args[1];

	if ((cpu && !can_write(cpu, sizeof *cpu)) || (node && !can_write(node, sizeof *node)))
		return -EFAULT;
	if (cpu)
		*cpu = 0;
	if (node)
		*node = 0;
	return 0;
}

long handle_getgroups(const struct call *call)
{
	return (int)call->args[0] < 0 ? -EINVAL : 0;
}

/* Addresses stay the same whatever a program asks for. */
long handle_personality(const struct call *call)
{
	unsigned wanted = call->args[0];
	long result = real(SYS_personality, wanted == QUERY ? wanted : wanted | ADDR_NO_RANDOMIZE);

	return result < 0 ? result : result & ~ADDR_NO_RANDOMIZE;
}

/* Time used is nothing at first; a loop that waits until it has used some ends all the same. */
static uint64_t late_reads(void)
{
	uint32_t reads = this_thread()->usage_reads++;

	return reads < FREE_READS ? 0 : reads - FREE_READS;
}

void hide_usage(struct rusage *usage)
{
	if (usage && !is_relaxed(CLASS_USAGE))
		*usage = (struct rusage){ 0 };
}

long handle_getrusage(const struct call *call)
{
	struct rusage *usage = (struct rusage *)call->args[1];
	long result = real(SYS_getrusage, call->args[0], usage);
	uint64_t reads;

	if (result < 0)
		return result;
	reads = late_reads();
	*usage = (struct rusage){ .ru_utime = { reads / 1000, reads % 1000 * 1000 } };
	return 0;
}

/* The kernel counts from its own start, whatever namespace asks; a build's clocks count from its own. */
static long ticks(void)
{
	struct timespec now = { 0 };

	real(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * TICKS + now.tv_nsec / (SECOND / TICKS);
}

long handle_times(const struct call *call)
{
	struct tms *times = (struct tms *)call->args[0];
	long result = real(SYS_times, times);
	uint64_t reads;

	if (result == -EFAULT)
		return result;
	if (!times)
		return ticks();
	reads = late_reads();
	*times = (struct tms){ .tms_utime = reads, .tms_cutime = reads };
	return ticks();
}
