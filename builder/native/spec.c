/* Parses what the builder is to be run with. Whatever is not understood in full is refused. */
#include "spec.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char VERSION[] = "store-sandbox-spec-1";

/* The strings not yet read. */
struct reader {
	char *next;
	char *end;
};

/* The next string, or NULL when there is none. */
static char *read_string(struct reader *reader)
{
	char *string = reader->next;
	char *zero = memchr(string, 0, reader->end - string);

	if (!zero)
		return NULL;
	reader->next = zero + 1;
	return string;
}

/* The CRC-32 of zlib. */
static uint32_t checksum(const char *bytes, const char *end)
{
	uint32_t sum = 0xffffffff;

	for (; bytes < end; bytes++) {
		sum ^= (unsigned char)*bytes;
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

/* Makes room for one item more; sizes are powers of two. */
static void *grow(void *items, size_t count, size_t size)
{
	if (count & (count - 1))
		return items;
	return realloc(items, (count ? 2 * count : 1) * size);
}

static const char *append(struct strings *list, char *string)
{
	/* One more than it holds, for the NULL. */
	char **items = grow(list->items, list->count + 1, sizeof *items);

	if (!items)
		return "no memory";
	items[list->count++] = string;
	items[list->count] = NULL;
	list->items = items;
	return NULL;
}

static int is_name(const char *text)
{
	return *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static const char *set_path(const char **field, const char *path)
{
	if (*field)
		return "a field is given twice";
	if (path[0] != '/')
		return "a path is not absolute";
	*field = path;
	return NULL;
}

/* An id that names a user: not root, not the -1 that means "none". */
static int parse_id(const char *text, unsigned *id)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end || errno || value >= UINT32_MAX)
		return -1;
	*id = value;
	return 0;
}

static const char *parse_staging(struct spec *spec, char **args)
{
	return set_path(&spec->staging, args[0]);
}

static const char *parse_input(struct spec *spec, char **args)
{
	struct input *inputs;

	if (!is_name(args[0]))
		return "an input has no proper name";
	if (args[1][0] != '/')
		return "an input's path is not absolute";
	for (size_t i = 0; i < spec->input_count; i++)
		if (strcmp(spec->inputs[i].name, args[0]) == 0)
			return "an input is given twice";
	inputs = grow(spec->inputs, spec->input_count, sizeof *inputs);
	if (!inputs)
		return "no memory";
	spec->inputs = inputs;
	inputs[spec->input_count++] = (struct input){ args[0], args[1] };
	return NULL;
}

static const char *parse_user(struct spec *spec, char **args)
{
	if (spec->user != USER_UNSET)
		return "a field is given twice";
	if (strcmp(args[0], "root") == 0)
		spec->user = USER_ROOT;
	else if (strcmp(args[0], "unprivileged") == 0)
		spec->user = USER_UNPRIVILEGED;
	else
		return "the user is unknown";
	return NULL;
}

static const char *parse_host_user(struct spec *spec, char **args)
{
	if (spec->host_uid != (uid_t)-1)
		return "a field is given twice";
	if (parse_id(args[0], &spec->host_uid) < 0 || parse_id(args[1], &spec->host_gid) < 0)
		return "the host user has no proper ids";
	return NULL;
}

static const char *parse_shell(struct spec *spec, char **args)
{
	return set_path(&spec->shell, args[0]);
}

static const char *parse_builder(struct spec *spec, char **args)
{
	return set_path(&spec->builder, args[0]);
}

static const char *parse_terminal(struct spec *spec, char **args)
{
	(void)args;
	if (spec->terminal)
		return "a field is given twice";
	spec->terminal = 1;
	return NULL;
}

static const char *parse_arg(struct spec *spec, char **args)
{
	return append(&spec->args, args[0]);
}

static const char *parse_env(struct spec *spec, char **args)
{
	const char *equals = strchr(args[0], '=');

	if (!equals || equals == args[0])
		return "a variable has no name";
	return append(&spec->env, args[0]);
}

static const char *parse_tracer(struct spec *spec, char **args)
{
	const char *problem = append(&spec->tracer, args[0]);

	return problem ? problem : append(&spec->tracer, args[1]);
}

enum { MAX_ARGS = 2 };

static const struct operation {
	const char *name;
	int args;
	const char *(*parse)(struct spec *spec, char **args);
} operations[] = {
	{ "staging", 1, parse_staging },
	{ "input", 2, parse_input },
	{ "user", 1, parse_user },
	{ "host-user", 2, parse_host_user },
	{ "shell", 1, parse_shell },
	{ "builder", 1, parse_builder },
	{ "terminal", 0, parse_terminal },
	{ "arg", 1, parse_arg },
	{ "env", 1, parse_env },
	{ "tracer", 2, parse_tracer },
};

static const char *parse_operation(struct spec *spec, const char *name, struct reader *reader)
{
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		char *args[MAX_ARGS];

		if (strcmp(operations[i].name, name) != 0)
			continue;
		for (int arg = 0; arg < operations[i].args; arg++)
			if (!(args[arg] = read_string(reader)))
				return "an operation is cut short";
		return operations[i].parse(spec, args);
	}
	return "an operation is unknown";
}

static const char *parse_header(struct reader *reader)
{
	const char *version = read_string(reader);
	const char *sum;
	char expected[9];

	if (!version || strcmp(version, VERSION) != 0)
		return "it is of another version";
	sum = read_string(reader);
	snprintf(expected, sizeof expected, "%08x", checksum(reader->next, reader->end));
	if (!sum || strcmp(sum, expected) != 0)
		return "its checksum is wrong";
	return NULL;
}

const char *parse_spec(struct spec *spec, char *bytes, size_t length)
{
	struct reader reader = { bytes, bytes + length };
	const char *problem = parse_header(&reader);

	*spec = (struct spec){ .host_uid = -1, .host_gid = -1 };
	if (!problem)
		problem = append(&spec->args, bytes);
	if (!problem && !(spec->env.items = calloc(1, sizeof *spec->env.items)))
		problem = "no memory";
	while (!problem) {
		const char *name = read_string(&reader);

		if (!name)
			problem = "it has no end";
		else if (strcmp(name, "end") == 0)
			break;
		else
			problem = parse_operation(spec, name, &reader);
	}
	if (!problem && reader.next != reader.end)
		problem = "something follows its end";
	if (!problem && (!spec->staging || !spec->builder || spec->user == USER_UNSET))
		problem = "a field is missing";
	if (!problem)
		spec->args.items[0] = (char *)spec->builder;
	return problem;
}
