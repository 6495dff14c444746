/* The resource limits of every build. */
#include "sandbox.h"

#include <stdio.h>
#include <sys/resource.h>

#define KIB 1024UL
#define MIB (1024UL * KIB)
#define GIB (1024UL * MIB)
#define NONE RLIM_INFINITY

/* Hard limits are low enough for an ordinary user to set them. */
struct limit {
	const char *name;
	int resource;
	struct rlimit value;
};

static const struct limit limits[] = {
	{ "address space", RLIMIT_AS, { NONE, NONE } },
	{ "core files", RLIMIT_CORE, { 0, 0 } },
	{ "processor time", RLIMIT_CPU, { NONE, NONE } },
	{ "data segment", RLIMIT_DATA, { NONE, NONE } },
	{ "file size", RLIMIT_FSIZE, { NONE, NONE } },
	{ "locked memory", RLIMIT_MEMLOCK, { 64 * KIB, 64 * KIB } },
	{ "message queues", RLIMIT_MSGQUEUE, { 800 * KIB, 800 * KIB } },
	{ "priority", RLIMIT_NICE, { 0, 0 } },
	{ "open files", RLIMIT_NOFILE, { 1024, 4096 } },
	{ "resident memory", RLIMIT_RSS, { NONE, NONE } },
	{ "realtime priority", RLIMIT_RTPRIO, { 0, 0 } },
	{ "realtime slice", RLIMIT_RTTIME, { NONE, NONE } },
	{ "stack", RLIMIT_STACK, { 8 * MIB, 1 * GIB } },
};

/* These count what a user has: since Linux 5.14 in the namespace of the build alone, before in the whole machine. */
static const struct limit limits_of_user[] = {
	{ "processes", RLIMIT_NPROC, { 4096, 4096 } },
	{ "queued signals", RLIMIT_SIGPENDING, { 4096, 4096 } },
};

int set_limits(struct build *build)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		build->about = limits[i].name;
		if (setrlimit(limits[i].resource, &limits[i].value) < 0)
			return -1;
	}
	return 0;
}

/* A caller that may have less itself lends no more. */
int set_limits_of_user(struct build *build)
{
	for (size_t i = 0; i < sizeof limits_of_user / sizeof *limits_of_user; i++) {
		const struct limit *limit = &limits_of_user[i];
		struct rlimit had;

		build->about = limit->name;
		if (getrlimit(limit->resource, &had) < 0)
			return -1;
		if (had.rlim_max >= limit->value.rlim_max && setrlimit(limit->resource, &limit->value) < 0)
			return -1;
	}
	return 0;
}
