/* Files of the system that would show the host are replaced, when they are opened, by files in memory. */
#include <fcntl.h>
#include <sys/mman.h>

#include "shim.h"
#include "text.h"

enum { ROOM = 1 << 16, RANDOM_ROOM = 1 << 18 };

static void write_random(struct text *text, int fd)
{
	(void)fd;
	fill_random((unsigned char *)text->bytes, text->room);
	text->size = text->room;
}

struct substitute {
	const char *folder;
	const char *name;
	void (*write)(struct text *text, int fd);
	enum class class;
};

static const struct substitute substitutes[] = {
	{ "/dev/", "urandom", write_random, CLASS_RANDOM },
	{ "/dev/", "random", write_random, CLASS_RANDOM },
	{ "/proc/", "cpuinfo", write_cpuinfo, CLASS_MACHINE },
	{ "/proc/", "meminfo", write_meminfo, CLASS_MACHINE },
	{ "/proc/", "loadavg", write_loadavg, CLASS_MACHINE },
	{ "/proc/", "uptime", write_uptime, CLASS_MACHINE },
	{ "/proc/", "stat", write_stat, CLASS_MACHINE },
	{ "/proc/", "version", write_version, CLASS_MACHINE },
	{ "/proc/sys/kernel/", "osrelease", write_release, CLASS_MACHINE },
	{ "/proc/sys/kernel/", "version", write_build, CLASS_MACHINE },
	{ "/proc/sys/kernel/random/", "uuid", write_uuid, CLASS_RANDOM },
	{ "/proc/sys/kernel/random/", "boot_id", write_boot_id, CLASS_RANDOM },
	{ "/proc/sys/kernel/random/", "entropy_avail", write_entropy, CLASS_RANDOM },
	{ "/sys/devices/system/cpu/", "online", write_cpu_range, CLASS_MACHINE },
	{ "/sys/devices/system/cpu/", "possible", write_cpu_range, CLASS_MACHINE },
	{ "/sys/devices/system/cpu/", "present", write_cpu_range, CLASS_MACHINE },
	/* Of a process, below /proc/PID/ or /proc/PID/task/TID/. */
	{ NULL, "mountinfo", write_mountinfo, CLASS_MACHINE },
	{ NULL, "mounts", write_mounts, CLASS_MACHINE },
	{ NULL, "stat", write_process_stat, CLASS_USAGE },
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

static long make_file(const struct text *text)
{
	long fd = real(SYS_memfd_create, "file", 0);

	if (fd < 0)
		return fd;
	/* As the kernel has them. */
	real(SYS_fchmod, fd, 0444);
	real(SYS_write, fd, text->bytes, text->size);
	real(SYS_lseek, fd, 0, 0);
	return fd;
}

long substitute(const char *path, long fd, int flags)
{
	const struct substitute *found = find_substitute(path);
	struct text text = { .room = ROOM };
	long bytes, file;

	if (!found || settings->relaxed >> found->class & 1 || flags & (O_PATH | O_DIRECTORY))
		return fd;
	count(found->class);
	if (found->write == write_random)
		text.room = RANDOM_ROOM;
	bytes = real(SYS_mmap, NULL, text.room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes < 0)
		return fd;
	text.bytes = (char *)bytes;
	bytes = text.room;
	found->write(&text, fd);
	file = make_file(&text);
	real(SYS_munmap, text.bytes, bytes);
	if (file >= 0) {
		real(SYS_dup3, file, fd, flags & O_CLOEXEC);
		real(SYS_close, file);
	}
	return fd;
}
