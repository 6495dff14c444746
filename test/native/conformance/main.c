/* conformance ROW...: prints what a build sees in these rows of the contract. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rows.h"

static const struct row {
	const char *name;
	void (*ask)(void);
} rows[] = {
	{ "clock", ask_clock }, { "times", ask_times }, { "identity", ask_identity }, { "directory", ask_directory },
	{ "random", ask_random }, { "addresses", ask_addresses }, { "machine", ask_machine }, { "usage", ask_usage },
	{ "refused", ask_refused },
};

void must(int done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "cannot: %s: %s\n", what, strerror(errno));
	exit(1);
}

void write_file(const char *path, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	must(fd >= 0, path);
	for (size_t i = 0; i < size; i++)
		must(write(fd, "x", 1) == 1, path);
	close(fd);
}

unsigned long digest(const void *bytes, size_t size)
{
	unsigned long value = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		value = (value ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
	return value;
}

size_t read_file(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t done = 0;
	long got;

	must(fd >= 0, path);
	while (done < size && (got = read(fd, to + done, size - done)) > 0)
		done += got;
	close(fd);
	return done;
}

const char *input(const char *name)
{
	const char *path = getenv(name);

	must(path != NULL, name);
	return path;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (int i = 1; i < argc; i++)
		for (size_t j = 0; j < sizeof rows / sizeof *rows; j++)
			if (strcmp(argv[i], rows[j].name) == 0)
				rows[j].ask();
	return 0;
}
