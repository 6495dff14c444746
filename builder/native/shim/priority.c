/* Niceness counts from that which the build began with: a process cannot go back to zero. */
#include <linux/sched.h>

#include "shim.h"

enum { LEAST_NICE = -20, MOST_NICE = 19, SIZE_AT_FIRST = 48, MOST_SIZE = 128 };

/* What the kernel takes and tells; of newer ones there is more behind it. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
};

static int within(int nice)
{
	return nice < LEAST_NICE ? LEAST_NICE : nice > MOST_NICE ? MOST_NICE : nice;
}

/* The result is 20 less the niceness, so that it is no error. */
long handle_getpriority(const struct call *call)
{
	long result = real(SYS_getpriority, call->args[0], call->args[1]);

	return result < 0 ? result : 20 - within(20 - result - settings->niceness);
}

long handle_setpriority(const struct call *call)
{
	return real(SYS_setpriority, call->args[0], call->args[1], within(call->args[2]) + settings->niceness);
}

static int is_fair(const struct attributes *attributes)
{
	return attributes->policy == SCHED_NORMAL || attributes->policy == SCHED_BATCH || attributes->policy == SCHED_IDLE;
}

/* How long a fair slice is depends on how many processors the host has. */
long handle_sched_getattr(const struct call *call)
{
	struct attributes *to = (struct attributes *)call->args[1];
	long result = real(SYS_sched_getattr, call->args[0], to, call->args[2], call->args[3]);

	if (result < 0 || !is_fair(to))
		return result;
	to->nice = within(to->nice - settings->niceness);
	to->runtime = 0;
	return result;
}

/* One that no kernel takes yet is the kernel's to refuse. */
long handle_sched_setattr(const struct call *call)
{
	const struct attributes *given = (const struct attributes *)call->args[1];
	union {
		struct attributes attributes;
		char bytes[MOST_SIZE];
	} used;
	size_t size;

	if (!can_read(given, sizeof *given))
		return real(SYS_sched_setattr, call->args[0], given, call->args[2]);
	size = given->size ? given->size : SIZE_AT_FIRST;
	if (size < SIZE_AT_FIRST || size > MOST_SIZE || !can_read(given, size))
		return real(SYS_sched_setattr, call->args[0], given, call->args[2]);
	copy(&used, given, size);
	used.attributes.nice = within(used.attributes.nice) + settings->niceness;
	return real(SYS_sched_setattr, call->args[0], &used, call->args[2]);
}
