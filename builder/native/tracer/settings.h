#ifndef TRACER_SETTINGS_H
#define TRACER_SETTINGS_H

#include <stdint.h>

/* What a build can ask about, each counted per program. */
enum class {
	CLASS_NONE,
	CLASS_CLOCK,
	CLASS_WAIT,
	CLASS_FILE,
	CLASS_DIRECTORY,
	CLASS_RANDOM,
	CLASS_MACHINE,
	CLASS_USAGE,
	CLASS_SIGNAL,
	CLASS_PROCESS,
	CLASS_REFUSED,
	CLASS_TSC,
	CLASS_UNTRACED,
	CLASS_COUNT,
};

enum order { ORDER_SORTED, ORDER_REVERSED, ORDER_SHUFFLED };

/* The constants a build sees; plain data, the same for all processes of a build. */
struct tracer_settings {
	/* The build's epoch, in seconds. */
	int64_t epoch;
	/* The real time at which the build started, in nanoseconds. */
	int64_t start;
	/* A fraction of a second is (real - start) >> shift nanoseconds; 63 drops it. */
	uint32_t clock_shift;
	/* The same for the times of files. */
	uint32_t file_shift;
	uint64_t seed[2];
	uint32_t order;
	uint32_t cpus;
	uint64_t memory;
	char release[64];
	char version[64];
	char hostname[64];
	/* That of the host when the build started. */
	int32_t niceness;
	/* Classes left as the host has them, as bits 1 << class. */
	uint32_t relaxed;
	/* Whether reading the time stamp counter is trapped, so that it counts reads and waits. */
	uint32_t trap_tsc;
};

/* What counts and settings call each class. */
extern const char *const class_names[CLASS_COUNT];

/*
 * Sets what is called `name`. A class - clock, file, directory, random, machine, usage - may be "host", which leaves
 * it alone. Values: epoch (seconds since 1970), directory (sorted, reversed, shuffled), seed (32 hex digits),
 * fraction (0: no time has a fraction of a second), cpus, memory (bytes), release, hostname, tsc (trap).
 * Returns 0, or -1 with EINVAL.
 */
int tracer_set(struct tracer_settings *settings, const char *name, const char *value);

#endif
