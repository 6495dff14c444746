/* What comes back with a build: which program asked for what. */
#include "layout.h"
#include "tracer.h"

static const char *const names[CLASS_COUNT] = {
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
};

void tracer_print_counts(const struct tracer *tracer, FILE *to)
{
	for (int i = 0; i < PROGRAMS; i++) {
		const struct program_counts *program = &tracer->shared->programs[i];

		if (!program->name[0])
			continue;
		fprintf(to, "%.63s", program->name);
		for (int class = 1; class < CLASS_COUNT; class++)
			if (names[class] && program->counts[class])
				fprintf(to, " %s=%llu", names[class], (unsigned long long)program->counts[class]);
		fputc('\n', to);
	}
}
