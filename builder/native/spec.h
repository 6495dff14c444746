#ifndef SPEC_H
#define SPEC_H

#include <stddef.h>
#include <sys/types.h>

enum user { USER_UNSET, USER_ROOT, USER_UNPRIVILEGED };

struct input {
	/* Its name in the store. */
	const char *name;
	/* Where it lies on this machine. */
	const char *host;
};

/* A list that ends with NULL and grows. */
struct strings {
	char **items;
	size_t count;
};

/*
 * One build, as plain data. All strings lie in the bytes it was parsed from.
 * What is not given is NULL, or -1 for the host's ids.
 */
struct spec {
	const char *staging;
	const char *builder;
	const char *shell;
	enum user user;
	uid_t host_uid;
	gid_t host_gid;
	struct input *inputs;
	size_t input_count;
	/* Whether the builder has a terminal of its own, joined to the one on TERMINAL_FD. */
	int terminal;
	/* The builder's arguments; the first is the builder. */
	struct strings args;
	struct strings env;
	/* Names and values of the tracer's settings, in turn; empty for a build that is not traced. */
	struct strings tracer;
};

/*
 * Parses the bytes of a spec. Returns NULL, or why they are refused. The format is in builder/sandbox/spec.ts:
 * strings that each end with NUL; the version, a checksum of what follows, operations, "end".
 */
const char *parse_spec(struct spec *spec, char *bytes, size_t length);

#endif
