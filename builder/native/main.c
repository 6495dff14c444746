/*
 * sandbox: runs one program in namespaces of its own.
 *   sandbox build PARENT                    a build, read as a spec from stdin, for the process PARENT
 *   sandbox enter --store DIR -- CMD ARGS   a program that sees the objects in DIR at /store
 *   sandbox confine PATH... -- CMD ARGS     a program that sees these files and nothing else
 *   sandbox guard PARENT -- CMD ARGS        a program that ends, with all it started, when PARENT does
 *   sandbox probe                           what this machine allows, one feature a line
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

static const struct mode {
	const char *name;
	int (*run)(int argc, char **argv);
} modes[] = {
	{ "build", build_main },
	{ "enter", enter_main },
	{ "confine", confine_main },
	{ "guard", guard_main },
	{ "probe", probe_main },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(argc - 2, argv + 2);
	fputs("usage: sandbox build PARENT | enter --store DIR -- CMD [ARGS] | confine PATH... -- CMD [ARGS] | guard PARENT -- CMD [ARGS] | probe\n", stderr);
	return EXIT_UNABLE;
}
