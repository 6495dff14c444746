/* The sandbox's side of the tracer. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

int is_traced(const struct build *build)
{
	return build->spec.tracer.count > 0;
}

/* The spec comes from our own program: what it sets and we do not know is refused as the rest of it would be. */
static void read_settings(const struct spec *spec, struct tracer_settings *settings)
{
	for (size_t i = 0; i < spec->tracer.count; i += 2) {
		const char *name = spec->tracer.items[i], *value = spec->tracer.items[i + 1];

		if (tracer_set(settings, name, value) < 0) {
			report("refused the tracer has no setting %s=%s\n", name, value);
			exit(EXIT_UNABLE);
		}
	}
}

int open_tracer(struct build *build)
{
	struct tracer_settings settings = tracer_defaults(0);
	int proc;

	if (!is_traced(build))
		return 0;
	read_settings(&build->spec, &settings);
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || tracer_open(&build->tracer, &settings, proc) < 0)
		return -1;
	build->tracer.complaints = STATUS_FD;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, build->handover);
}
