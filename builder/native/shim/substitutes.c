/* Files of the system that would show the host are replaced, when they are opened, by files in memory. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "shim.h"
#include "text.h"

enum { ROOM = 1 << 16, RANDOM_ROOM = 1 << 20, RANDOM_SIZE = 1 << 30 };

struct substitute {
	const char *folder;
	const char *name;
	/* What stands in the file; NULL for the devices of random bytes. */
	void (*write)(struct text *text, int fd);
	enum class class;
};

static const struct substitute substitutes[] = {
	{ "/dev/", "urandom", NULL, CLASS_RANDOM },
	{ "/dev/", "random", NULL, CLASS_RANDOM },
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

/* A new file in memory, with the mode that the kernel's have. */
static long create_file(int flags)
{
	long fd = real(SYS_memfd_create, "file", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);

	if (fd >= 0)
		real(SYS_fchmod, fd, 0444);
	return fd;
}

static long make_file(const struct text *text, int flags)
{
	long fd = create_file(flags);

	if (fd < 0)
		return fd;
	real(SYS_write, fd, text->bytes, text->size);
	real(SYS_lseek, fd, 0, 0);
	return fd;
}

/* Nobody reads more than a few bytes of it, but for tests that want a large file: those get zeros behind the first MiB. */
static long make_random_file(int flags)
{
	struct rlimit64 limit = { RANDOM_SIZE, RANDOM_SIZE };
	uint64_t size, room;
	long fd = create_file(flags), at;

	if (fd < 0)
		return fd;
	/* A larger file would end the program. */
	real(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit);
	size = limit.rlim_cur < RANDOM_SIZE ? limit.rlim_cur : RANDOM_SIZE;
	room = size < RANDOM_ROOM ? size : RANDOM_ROOM;
	real(SYS_ftruncate, fd, size);
	at = real(SYS_mmap, NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (at < 0) {
		real(SYS_close, fd);
		return -ENOMEM;
	}
	fill_random((unsigned char *)at, room);
	real(SYS_munmap, at, room);
	return fd;
}

static long write_file(const struct substitute *found, long fd, int flags)
{
	struct text text = { .room = ROOM };
	long at = real(SYS_mmap, NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), file;

	if (at < 0) {
		real(SYS_close, fd);
		return -ENOMEM;
	}
	text.bytes = (char *)at;
	found->write(&text, fd);
	real(SYS_close, fd);
	file = make_file(&text, flags);
	real(SYS_munmap, at, ROOM);
	return file;
}

/* The descriptor that is closed is the lowest, and so the next to be given out: it takes no second one. */
long substitute(const char *path, long fd, int flags)
{
	const struct substitute *found = find_substitute(path);

	if (!found || settings->relaxed >> found->class & 1 || flags & (O_PATH | O_DIRECTORY))
		return fd;
	count(found->class);
	if (found->write)
		return write_file(found, fd, flags);
	real(SYS_close, fd);
	return make_random_file(flags);
}
