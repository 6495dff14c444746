/* calls stat N | calls list N: N times what a build asks the tracer for most often, in one process. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int stat_often(long n)
{
	struct stat seen;

	while (n-- > 0)
		if (stat(".", &seen) < 0)
			return 1;
	return 0;
}

static int list_often(long n)
{
	while (n-- > 0) {
		DIR *directory = opendir(".");

		if (!directory)
			return 1;
		while (readdir(directory))
			;
		closedir(directory);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	return (strcmp(argv[1], "stat") == 0 ? stat_often : list_often)(atol(argv[2]));
}
