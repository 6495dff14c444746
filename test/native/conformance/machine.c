/* The machine: its kernel, name, processors, memory, load, and what is mounted where. */
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "rows.h"

static const char *const files[] = {
	"/proc/cpuinfo", "/proc/meminfo", "/proc/loadavg", "/proc/uptime", "/proc/stat", "/proc/version",
	"/proc/sys/kernel/osrelease", "/proc/sys/kernel/version", "/proc/self/mountinfo", "/proc/self/mounts",
	"/proc/mounts",
};

static void ask_names(void)
{
	struct utsname name;
	char host[64];

	must(uname(&name) == 0 && gethostname(host, sizeof host) == 0, "uname");
	printf("machine/uname: %s %s %s %s %s\n", name.sysname, name.nodename, name.release, name.version, name.machine);
	printf("machine/host: %s\n", host);
}

static void ask_processors(void)
{
	cpu_set_t set;
	unsigned cpu, node;

	must(sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
	printf("machine/affinity: %d\n", CPU_COUNT(&set));
	printf("machine/sysconf: %ld %ld\n", sysconf(_SC_NPROCESSORS_ONLN), sysconf(_SC_NPROCESSORS_CONF));
	syscall(SYS_getcpu, &cpu, &node, NULL);
	printf("machine/processor: %d %u %u\n", sched_getcpu(), cpu, node);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	printf("machine/set affinity: %d\n", sched_setaffinity(0, sizeof set, &set));
}

static void ask_memory(void)
{
	struct sysinfo info;

	must(sysinfo(&info) == 0, "sysinfo");
	printf("machine/sysinfo: up %ld load %lu %lu %lu memory %lu %lu %lu %lu swap %lu %lu processes %u\n", info.uptime,
		info.loads[0], info.loads[1], info.loads[2], info.totalram, info.freeram, info.sharedram, info.bufferram,
		info.totalswap, info.freeswap, info.procs);
	printf("machine/pages: %ld %ld\n", sysconf(_SC_PHYS_PAGES), sysconf(_SC_AVPHYS_PAGES));
}

void ask_machine(void)
{
	static char text[1 << 17];
	gid_t groups[64];

	ask_names();
	ask_processors();
	ask_memory();
	printf("machine/groups: %d\n", getgroups(64, groups));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		size_t size = read_file(files[i], text, sizeof text);

		printf("machine/%s: %zu bytes, %lx\n", files[i], size, digest(text, size));
	}
}
