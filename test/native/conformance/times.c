/* Times of files: those that the kernel set, and those that programs set. */
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

enum { PAST = 86400, HALF = 500000000, ENOUGH_READS = 6000 };

static void show(const char *name, const char *way, const struct stat *file)
{
	printf("times/%s by %s: %ld %ld %ld\n", name, way, file->st_atim.tv_sec, file->st_mtim.tv_sec, file->st_ctim.tv_sec);
}

static void ask_statx(const char *name, const char *way, int directory, const char *path, int flags)
{
	struct statx file;

	must(syscall(SYS_statx, directory, path, flags, STATX_BASIC_STATS | STATX_BTIME, &file) == 0, path);
	printf("times/%s by %s: %lld %lld %lld %lld\n", name, way, file.stx_atime.tv_sec, file.stx_mtime.tv_sec,
		file.stx_ctime.tv_sec, file.stx_mask & STATX_BTIME ? file.stx_btime.tv_sec : -1);
}

/* Every call that tells of times, by libc and by number. */
static void ask_all_ways(const char *name, const char *path)
{
	struct stat file;
	int fd = open(path, O_RDONLY);

	stat(path, &file), show(name, "stat", &file);
	lstat(path, &file), show(name, "lstat", &file);
	fstat(fd, &file), show(name, "fstat", &file);
	fstatat(AT_FDCWD, path, &file, 0), show(name, "fstatat", &file);
	syscall(SYS_stat, path, &file), show(name, "the call stat", &file);
	syscall(SYS_lstat, path, &file), show(name, "the call lstat", &file);
	syscall(SYS_fstat, fd, &file), show(name, "the call fstat", &file);
	syscall(SYS_newfstatat, AT_FDCWD, path, &file, 0), show(name, "the call newfstatat", &file);
	syscall(SYS_newfstatat, fd, "", &file, AT_EMPTY_PATH), show(name, "an empty path", &file);
	ask_statx(name, "statx", AT_FDCWD, path, 0);
	ask_statx(name, "statx of a descriptor", fd, "", AT_EMPTY_PATH);
	close(fd);
}

static void set(const char *path, long seconds, long fraction)
{
	struct timespec times[2] = { { seconds, fraction }, { seconds, fraction } };

	must(utimensat(AT_FDCWD, path, times, 0) == 0, path);
}

static void ask_set(const char *name, long seconds, long fraction)
{
	struct stat file;

	set("set", seconds, fraction);
	stat("set", &file);
	printf("times/set to %s: %ld.%09ld %ld.%09ld\n", name, file.st_atim.tv_sec, file.st_atim.tv_nsec,
		file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

static void ask_explicit(void)
{
	struct stat file;
	long own = time(NULL);

	write_file("set", 1);
	ask_set("the past", PAST, HALF);
	ask_set("before 1970", -PAST, 0);
	ask_set("the present", own, 0);
	ask_set("the future", 4000000000, HALF);
	ask_set("a thousand seconds on", own + 1000, 0);
	/* Whoever reads the clock that often finds that it goes on. */
	for (int i = 0; i < ENOUGH_READS; i++)
		own = time(NULL);
	set("set", own, 0);
	stat("set", &file);
	printf("times/set to a later present: %ld %ld\n", own, file.st_mtim.tv_sec);
	must(utimensat(AT_FDCWD, "set", NULL, 0) == 0, "set");
	stat("set", &file), show("set to now", "stat", &file);
}

static void ask_order(void)
{
	struct timespec pause = { 0, 20000000 };
	struct stat first, second;

	write_file("first", 1);
	nanosleep(&pause, NULL);
	write_file("second", 1);
	stat("first", &first);
	stat("second", &second);
	printf("times/order: %s, %s\n", first.st_mtim.tv_sec == second.st_mtim.tv_sec ? "one second" : "two seconds",
		first.st_mtim.tv_nsec < second.st_mtim.tv_nsec ? "the second is newer" : "the second is not newer");
}

void ask_times(void)
{
	struct stat file;

	write_file("made", 10);
	must(mkdir("folder", 0755) == 0, "mkdir");
	must(symlink("made", "link") == 0, "symlink");
	ask_all_ways("a file", "made");
	ask_all_ways("a folder", "folder");
	ask_all_ways("an input", input("one"));
	lstat("link", &file), show("a link", "lstat", &file);
	ask_all_ways("a device", "/dev/null");
	ask_explicit();
	ask_order();
}
