/* What comes back with a build: which program asked for what. */
#include "layout.h"
#include "tracer.h"

/* The build could have written anything here: only what is one word is shown. */
static void print_name(const char *name, FILE *to)
{
	for (; *name; name++)
		fputc(*name > ' ' && *name < 127 ? *name : '?', to);
}

void tracer_print_counts(const struct tracer *tracer, const char *prefix, FILE *to)
{
	for (int i = 0; tracer->shared && i < PROGRAMS; i++) {
		struct program_counts program = tracer->shared->programs[i];

		program.name[sizeof program.name - 1] = 0;
		if (!program.name[0])
			continue;
		fputs(prefix, to);
		print_name(program.name, to);
		for (int class = 1; class < CLASS_COUNT; class++)
			if (class_names[class] && program.counts[class])
				fprintf(to, " %s=%llu", class_names[class], (unsigned long long)program.counts[class]);
		fputc('\n', to);
	}
}
