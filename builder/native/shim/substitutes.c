/* Files of the system that would show the host are replaced, when they are opened, by files in memory. */
#include <fcntl.h>

#include "shim.h"
#include "text.h"

enum { PATH_ROOM = 256 };

struct substitute {
	const char *folder;
	const char *name;
	/* What stands in the file; NULL for the devices of random bytes. */
	void (*write)(struct text *text, int fd);
	enum class class;
	/* The file in the same folder that it is made of, when that is another. */
	const char *source;
};

static const struct substitute substitutes[] = {
	{ "/dev/", "urandom", NULL, CLASS_RANDOM, NULL },
	{ "/dev/", "random", NULL, CLASS_RANDOM, NULL },
	{ "/proc/", "cpuinfo", write_cpuinfo, CLASS_MACHINE, NULL },
	{ "/proc/", "meminfo", write_meminfo, CLASS_MACHINE, NULL },
	{ "/proc/", "loadavg", write_loadavg, CLASS_MACHINE, NULL },
	{ "/proc/", "uptime", write_uptime, CLASS_MACHINE, NULL },
	{ "/proc/", "stat", write_stat, CLASS_MACHINE, NULL },
	{ "/proc/", "version", write_version, CLASS_MACHINE, NULL },
	{ "/proc/sys/kernel/", "osrelease", write_release, CLASS_MACHINE, NULL },
	{ "/proc/sys/kernel/", "hostname", write_hostname, CLASS_MACHINE, NULL },
	{ "/proc/sys/kernel/", "version", write_build, CLASS_MACHINE, NULL },
	{ "/proc/sys/kernel/random/", "uuid", write_uuid, CLASS_RANDOM, NULL },
	{ "/proc/sys/kernel/random/", "boot_id", write_boot_id, CLASS_RANDOM, NULL },
	{ "/proc/sys/kernel/random/", "entropy_avail", write_entropy, CLASS_RANDOM, NULL },
	{ "/sys/devices/system/cpu/", "online", write_cpu_range, CLASS_MACHINE, NULL },
	{ "/sys/devices/system/cpu/", "possible", write_cpu_range, CLASS_MACHINE, NULL },
	{ "/sys/devices/system/cpu/", "present", write_cpu_range, CLASS_MACHINE, NULL },
	/* Of a process, below /proc/PID/ or /proc/PID/task/TID/. */
	{ NULL, "mountinfo", write_mountinfo, CLASS_MACHINE, NULL },
	{ NULL, "mounts", write_mounts, CLASS_MACHINE, "mountinfo" },
	/* Of two classes. */
	{ NULL, "stat", write_process_stat, CLASS_NONE, NULL },
};

static const char *skip_digits(const char *path)
{
	while (*path >= '0' && *path <= '9')
		path++;
	return path;
}

/* What of a path lies below a process's own folder; NULL if it does not. */
static const char *below_process(const char *path)
{
	const char *id = path + length("/proc/");

	if (!starts_with(path, "/proc/") || skip_digits(id) == id || *skip_digits(id) != '/')
		return NULL;
	path = skip_digits(id) + 1;
	if (!starts_with(path, "task/"))
		return path;
	path = skip_digits(path + length("task/"));
	return *path == '/' ? path + 1 : NULL;
}

static int is_path_of(const struct substitute *file, const char *path)
{
	const char *rest = below_process(path);

	if (!file->folder)
		return rest && compare(rest, file->name) == 0;
	return starts_with(path, file->folder) && compare(path + length(file->folder), file->name) == 0;
}

static const struct substitute *find_substitute(const char *path)
{
	for (size_t i = 0; i < sizeof substitutes / sizeof *substitutes; i++)
		if (is_path_of(&substitutes[i], path))
			return &substitutes[i];
	return NULL;
}

int is_substituted_name(const char *name)
{
	for (size_t i = 0; i < sizeof substitutes / sizeof *substitutes; i++)
		if (compare(name, substitutes[i].name) == 0)
			return 1;
	return compare(name, "mtab") == 0;
}

/* Closes what is open and opens another file of its folder. */
static long open_source(const char *path, const char *name, long fd)
{
	char bytes[PATH_ROOM];
	struct text source = { .bytes = bytes, .room = sizeof bytes - 1 };
	const char *end = path + length(path);

	while (end[-1] != '/')
		end--;
	put_bytes(&source, path, end - path);
	put(&source, name);
	bytes[source.size] = 0;
	real(SYS_close, fd);
	return real(SYS_open, bytes, O_RDONLY, 0);
}

static long write_file(const struct substitute *found, const char *path, long fd, int flags)
{
	struct text text = open_text();
	long file;

	if (found->source)
		fd = open_source(path, found->source, fd);
	if (fd >= 0) {
		found->write(&text, fd);
		real(SYS_close, fd);
	}
	file = fd < 0 ? fd : text.is_cut ? -ENOMEM : make_file(&text, flags);
	close_text(&text);
	return file;
}

/* The descriptor that is closed is the lowest, and so the next to be given out: it takes no second one. */
long substitute(const char *path, long fd, int flags)
{
	const struct substitute *found = find_substitute(path);

	if (!found || is_relaxed(found->class) || flags & (O_PATH | O_DIRECTORY))
		return fd;
	if (found->class)
		count(found->class);
	if (found->write)
		return write_file(found, path, fd, flags);
	real(SYS_close, fd);
	return make_random_file(flags);
}
