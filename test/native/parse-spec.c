/* Parses the spec on stdin and shows what it says, or why it is refused; built with the sanitizers. */
#include <stdio.h>
#include <stdlib.h>

#include "../../builder/native/spec.h"

int main(void)
{
	enum { SIZE = 1 << 20 };
	char *all = malloc(SIZE);
	size_t length = fread(all, 1, SIZE, stdin);
	/* Bytes of exactly this size, so that one read beyond them is seen. */
	char *bytes = malloc(length ? length : 1);
	const char *problem;
	struct spec spec;

	for (size_t i = 0; i < length; i++)
		bytes[i] = all[i];
	problem = parse_spec(&spec, bytes, length);
	if (problem) {
		printf("refused %s\n", problem);
	} else {
		printf("staging %s\nbuilder %s\nshell %s\nuser %d\nhost %d %d\n", spec.staging, spec.builder,
		       spec.shell ? spec.shell : "-", spec.user, (int)spec.host_uid, (int)spec.host_gid);
		if (spec.terminal)
			puts("terminal");
		for (size_t i = 0; i < spec.input_count; i++)
			printf("input %s %s\n", spec.inputs[i].name, spec.inputs[i].host);
		for (char **arg = spec.args.items; *arg; arg++)
			printf("arg %s\n", *arg);
		for (char **variable = spec.env.items; *variable; variable++)
			printf("env %s\n", *variable);
		for (size_t i = 0; i < spec.tracer.count; i += 2)
			printf("tracer %s %s\n", spec.tracer.items[i], spec.tracer.items[i + 1]);
	}
	free(spec.inputs);
	free(spec.args.items);
	free(spec.tracer.items);
	free(spec.env.items);
	free(bytes);
	free(all);
	return 0;
}
