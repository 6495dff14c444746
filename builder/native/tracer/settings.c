/* Settings by their names, as derivations, callers and the spec of a build write them. */
#include "settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const class_names[CLASS_COUNT] = {
	[CLASS_CLOCK] = "clock",
	[CLASS_WAIT] = "wait",
	[CLASS_FILE] = "file",
	[CLASS_DIRECTORY] = "directory",
	[CLASS_RANDOM] = "random",
	[CLASS_MACHINE] = "machine",
	[CLASS_USAGE] = "usage",
	[CLASS_SIGNAL] = "signal",
	[CLASS_PROCESS] = "process",
	[CLASS_REFUSED] = "refused",
	[CLASS_TSC] = "tsc",
	[CLASS_UNTRACED] = "untraced",
};

/* Those that a class may be without the programs of the build going wrong. */
static const unsigned relaxable = 1u << CLASS_CLOCK | 1u << CLASS_FILE | 1u << CLASS_DIRECTORY | 1u << CLASS_RANDOM |
	1u << CLASS_MACHINE | 1u << CLASS_USAGE;

static int parse_number(const char *text, unsigned long long most, unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || *number > most ? -1 : 0;
}

static int set_epoch(struct tracer_settings *settings, const char *value)
{
	unsigned long long seconds;

	/* A build's time is one that every format of archive can hold. */
	if (parse_number(value, 4294967295ull, &seconds) < 0)
		return -1;
	settings->epoch = seconds;
	return 0;
}

static int set_order(struct tracer_settings *settings, const char *value)
{
	static const char *const orders[] = { "sorted", "reversed", "shuffled" };

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
		if (strcmp(value, orders[i]) == 0) {
			settings->order = i;
			return 0;
		}
	return -1;
}

static int set_seed(struct tracer_settings *settings, const char *value)
{
	unsigned long long words[2];
	int length = 0;

	if (sscanf(value, "%16llx%16llx%n", &words[0], &words[1], &length) != 2 || length != 32 || value[32])
		return -1;
	settings->seed[0] = words[0];
	settings->seed[1] = words[1];
	return 0;
}

/* Without a fraction all files of a build have one time, for formats that store more than seconds. */
static int set_fraction(struct tracer_settings *settings, const char *value)
{
	if (strcmp(value, "0") != 0)
		return -1;
	settings->clock_shift = settings->file_shift = 63;
	return 0;
}

static int set_cpus(struct tracer_settings *settings, const char *value)
{
	unsigned long long cpus;

	if (parse_number(value, 1024, &cpus) < 0 || cpus == 0)
		return -1;
	settings->cpus = cpus;
	return 0;
}

static int set_memory(struct tracer_settings *settings, const char *value)
{
	unsigned long long bytes;

	if (parse_number(value, 1ull << 50, &bytes) < 0 || bytes < 1 << 20)
		return -1;
	settings->memory = bytes;
	return 0;
}

static int set_text(char *field, size_t size, const char *value)
{
	if (!*value || strlen(value) >= size)
		return -1;
	strcpy(field, value);
	return 0;
}

static int set_release(struct tracer_settings *settings, const char *value)
{
	return set_text(settings->release, sizeof settings->release, value);
}

static int set_hostname(struct tracer_settings *settings, const char *value)
{
	return set_text(settings->hostname, sizeof settings->hostname, value);
}

static int set_tsc(struct tracer_settings *settings, const char *value)
{
	settings->trap_tsc = 1;
	return strcmp(value, "trap") == 0 ? 0 : -1;
}

static const struct setting {
	const char *name;
	int (*set)(struct tracer_settings *settings, const char *value);
} known[] = {
	{ "epoch", set_epoch },
	{ "directory", set_order },
	{ "seed", set_seed },
	{ "fraction", set_fraction },
	{ "cpus", set_cpus },
	{ "memory", set_memory },
	{ "release", set_release },
	{ "hostname", set_hostname },
	{ "tsc", set_tsc },
};

int tracer_set(struct tracer_settings *settings, const char *name, const char *value)
{
	if (strcmp(value, "host") == 0)
		for (int class = 1; class < CLASS_COUNT; class++)
			if (relaxable >> class & 1 && strcmp(name, class_names[class]) == 0) {
				settings->relaxed |= 1u << class;
				return 0;
			}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(name, known[i].name) == 0 && known[i].set(settings, value) == 0)
			return 0;
	errno = EINVAL;
	return -1;
}
