/* The fixed files of the builder's root. They are the same in every build, on every machine. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hosts[] = "127.0.0.1 localhost\n::1 localhost\n";

static const char root_passwd[] = "guix-build:x:0:0:Build user:/homeless-shelter:/bin/sh\n"
				  "root:x:0:0:Build user:/homeless-shelter:/bin/sh\n"
				  "nobody:x:65534:65534:Nobody:/:/bin/false\n";
static const char root_group[] = "guix-build:x:0:\n"
				 "root:x:0:\n"
				 "nobody:x:65534:\n";

static const char unprivileged_passwd[] = "root:x:0:0:Root:/:/bin/false\n"
					  "guix-build:x:1000:1000:Build user:/homeless-shelter:/bin/sh\n"
					  "nobody:x:65534:65534:Nobody:/:/bin/false\n";
static const char unprivileged_group[] = "root:x:0:\n"
					 "guix-build:x:1000:\n"
					 "nobody:x:65534:\n";

enum kind { DIRECTORY, EMPTY_FILE, LINK, TEXT };

struct entry {
	const char *path;
	enum kind kind;
	/* Where a link leads, what is in a file. */
	const char *text;
};

static const struct entry entries[] = {
	{ "store", DIRECTORY, NULL },
	{ "tmp", DIRECTORY, NULL },
	{ "proc", DIRECTORY, NULL },
	{ "etc", DIRECTORY, NULL },
	{ "etc/hosts", TEXT, hosts },
	{ "dev", DIRECTORY, NULL },
	{ "dev/null", EMPTY_FILE, NULL },
	{ "dev/zero", EMPTY_FILE, NULL },
	{ "dev/full", EMPTY_FILE, NULL },
	{ "dev/random", EMPTY_FILE, NULL },
	{ "dev/urandom", EMPTY_FILE, NULL },
	{ "dev/tty", EMPTY_FILE, NULL },
	{ "dev/pts", DIRECTORY, NULL },
	{ "dev/ptmx", LINK, "pts/ptmx" },
	{ "dev/shm", DIRECTORY, NULL },
	{ "dev/fd", LINK, "/proc/self/fd" },
	{ "dev/stdin", LINK, "/proc/self/fd/0" },
	{ "dev/stdout", LINK, "/proc/self/fd/1" },
	{ "dev/stderr", LINK, "/proc/self/fd/2" },
};

static int make_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	size_t length = strlen(text);

	if (file < 0)
		return -1;
	if (write(file, text, length) != (ssize_t)length)
		return -1;
	return close(file);
}

static int make_entry(const struct entry *entry)
{
	switch (entry->kind) {
	case DIRECTORY:
		return mkdir(entry->path, 0755);
	case EMPTY_FILE:
		return make_file(entry->path, "");
	case LINK:
		return symlink(entry->text, entry->path);
	case TEXT:
		return make_file(entry->path, entry->text);
	}
	errno = EINVAL;
	return -1;
}

int make_root_files(struct build *build)
{
	int is_root = build->spec.user == USER_ROOT;
	const struct entry chosen[] = {
		{ "etc/passwd", TEXT, is_root ? root_passwd : unprivileged_passwd },
		{ "etc/group", TEXT, is_root ? root_group : unprivileged_group },
		{ "bin", DIRECTORY, NULL },
		{ "bin/sh", LINK, build->spec.shell },
	};
	size_t count = build->spec.shell ? 4 : 2;

	umask(022);
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		build->about = entries[i].path;
		if (make_entry(&entries[i]) < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		build->about = chosen[i].path;
		if (make_entry(&chosen[i]) < 0)
			return -1;
	}
	return 0;
}
