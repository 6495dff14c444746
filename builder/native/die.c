/* How failures are told: as a line for the program that started us, or as a sentence for a person. */
#include "sandbox.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One write, so that lines of several processes do not mix. */
void report(const char *format, ...)
{
	char line[PIPE_BUF];
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(line, sizeof line, format, values);
	va_end(values);
	if (length >= (int)sizeof line) {
		length = sizeof line;
		line[length - 1] = '\n';
	}
	if (write(STATUS_FD, line, length) < 0)
		_exit(EXIT_UNABLE);
}

_Noreturn void die_errno(int to, const char *step, const char *about)
{
	int error = errno;

	if (to == STATUS_FD)
		report("failed %s %d %s\n", step, error, about);
	else
		dprintf(to, "error: Cannot enter the store's view: %s%s%s: %s\n", step, *about ? " " : "", about,
			strerror(error));
	_exit(EXIT_UNABLE);
}

void run_steps(const struct step *steps, size_t count, struct build *build)
{
	for (size_t i = 0; i < count; i++) {
		build->about = "";
		if (steps[i].run(build) < 0)
			die_errno(STATUS_FD, steps[i].name, build->about);
	}
}
