/* Files that describe the machine, as the settings have it. */
#include "shim.h"
#include "text.h"

#define UNUSED(fd) ((void)(fd))

void write_cpuinfo(struct text *text, int fd)
{
	UNUSED(fd);
	for (unsigned i = 0; i < settings->cpus; i++) {
		put(text, "processor\t: ");
		put_number(text, i);
		put(text, "\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 1\nmodel name\t: x86-64\n"
			"stepping\t: 1\ncpu MHz\t\t: 1000.000\ncache size\t: 1024 KB\nphysical id\t: 0\nsiblings\t: ");
		put_number(text, settings->cpus);
		put(text, "\ncore id\t\t: ");
		put_number(text, i);
		put(text, "\ncpu cores\t: ");
		put_number(text, settings->cpus);
		put(text, "\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: 13\nwp\t\t: yes\n"
			"flags\t\t: fpu tsc cx8 cmov mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 sse4_1 sse4_2 popcnt\n"
			"bogomips\t: 2000.00\nclflush size\t: 64\ncache_alignment\t: 64\n"
			"address sizes\t: 48 bits physical, 48 bits virtual\n\n");
	}
}

static void put_kilobytes(struct text *text, const char *name, uint64_t bytes)
{
	put(text, name);
	put(text, ":       ");
	put_number(text, bytes >> 10);
	put(text, " kB\n");
}

void write_meminfo(struct text *text, int fd)
{
	UNUSED(fd);
	put_kilobytes(text, "MemTotal", settings->memory);
	put_kilobytes(text, "MemFree", settings->memory / 2);
	put_kilobytes(text, "MemAvailable", settings->memory / 4 * 3);
	put_kilobytes(text, "Buffers", settings->memory / 16);
	put_kilobytes(text, "Cached", settings->memory / 8);
	put_kilobytes(text, "SwapCached", 0);
	put_kilobytes(text, "SwapTotal", 0);
	put_kilobytes(text, "SwapFree", 0);
	put_kilobytes(text, "Shmem", 0);
}

void write_loadavg(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, "0.00 0.00 0.00 1/100 1000\n");
}

void write_uptime(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, "1000.00 8000.00\n");
}

void write_stat(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, "cpu  0 0 0 0 0 0 0 0 0 0\n");
	for (unsigned i = 0; i < settings->cpus; i++) {
		put(text, "cpu");
		put_number(text, i);
		put(text, " 0 0 0 0 0 0 0 0 0 0\n");
	}
	put(text, "intr 0\nctxt 0\nbtime ");
	put_number(text, settings->epoch - 1000);
	put(text, "\nprocesses 1000\nprocs_running 1\nprocs_blocked 0\n");
}

void write_version(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, "Linux version ");
	put(text, settings->release);
	put(text, " ");
	put(text, settings->version);
	put(text, "\n");
}

void write_release(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, settings->release);
	put(text, "\n");
}

void write_hostname(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, settings->hostname);
	put(text, "\n");
}

void write_build(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, settings->version);
	put(text, "\n");
}

void write_cpu_range(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, "0-");
	put_number(text, settings->cpus - 1);
	put(text, "\n");
}

static void put_uuid(struct text *text, const unsigned char bytes[16])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		unsigned char byte = i == 6 ? (bytes[i] & 15) | 64 : i == 8 ? (bytes[i] & 63) | 128 : bytes[i];
		char pair[2] = { digits[byte >> 4], digits[byte & 15] };

		if (i == 4 || i == 6 || i == 8 || i == 10)
			put(text, "-");
		put_bytes(text, pair, 2);
	}
	put(text, "\n");
}

void write_uuid(struct text *text, int fd)
{
	unsigned char bytes[16];

	UNUSED(fd);
	fill_random(bytes, sizeof bytes);
	put_uuid(text, bytes);
}

/* The same for all of a build. */
void write_boot_id(struct text *text, int fd)
{
	uint64_t words[2] = { mix(settings->seed[0] ^ 5), mix(settings->seed[1] ^ 6) };

	UNUSED(fd);
	put_uuid(text, (const unsigned char *)words);
}

void write_entropy(struct text *text, int fd)
{
	UNUSED(fd);
	put(text, "256\n");
}
