/* The machine: its kernel, name, processors, memory, load, and what is mounted where. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
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

enum { MOUNTS = 300 };

static void make_mounts(void)
{
	char path[128];

	must(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
	for (int i = 0; i < MOUNTS; i++) {
		snprintf(path, sizeof path, "a-folder-of-a-long-name-that-is-mounted-in-its-own-place-%d", i);
		must(mkdir(path, 0755) == 0 && mount(path, path, NULL, MS_BIND, NULL) == 0, path);
	}
}

/* More than a build's inputs mostly are: in a process and a folder of their own. */
static void ask_mounts(void)
{
	static char text[1 << 17];
	size_t size, lines = 0;

	fflush(stdout);
	if (fork() == 0) {
		must(mkdir("of-mounts", 0755) == 0 && chdir("of-mounts") == 0, "of-mounts");
		make_mounts();
		size = read_file("/proc/self/mountinfo", text, sizeof text);
		for (size_t i = 0; i < size; i++)
			lines += text[i] == '\n';
		printf("machine/mounts: %s, %zu bytes, %lx\n", lines > MOUNTS ? "all" : "not all", size, digest(text, size));
		exit(0);
	}
	wait(NULL);
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
	ask_mounts();
}
