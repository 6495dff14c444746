/* What a build sees of a file: no trace of the host's file system, and the build's own time. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "shim.h"

enum { DEVICE_MAJOR = 8, DEVICE_MINOR = 1, BLOCK = 4096, SECTOR = 512, EXT_MAGIC = 0xef53 };

typedef struct statx_timestamp timestamp;

static int64_t nanoseconds(const timestamp *time)
{
	return time->tv_sec * SECOND + time->tv_nsec;
}

static void set(timestamp *time, int64_t value)
{
	time->tv_sec = value / SECOND;
	time->tv_nsec = value % SECOND;
}

/* What lies there since before the build: it was born before. */
int is_input(const struct statx *file)
{
	return nanoseconds(file->stx_mask & STATX_BTIME ? &file->stx_btime : &file->stx_ctime) < settings->start;
}

static int64_t order_of(int64_t time)
{
	int64_t past = settings->file_shift > 62 ? 0 : (time - settings->start) >> settings->file_shift;

	return past < SECOND ? past : SECOND - 1;
}

/* Times of the build become its epoch and keep their order. Returns whether this was one. */
static int hide_build_time(timestamp *time)
{
	int64_t value = nanoseconds(time);

	if (value < settings->start || value > real_now())
		return 0;
	set(time, settings->epoch * SECOND + order_of(value));
	return 1;
}

/* A time that programs can set: what they set is kept, unless it is of their present. */
static void hide_settable_time(timestamp *time)
{
	if (hide_build_time(time) || time->tv_sec <= settings->epoch || nanoseconds(time) > own_now())
		return;
	time->tv_sec = settings->epoch;
	if (settings->file_shift > 62)
		time->tv_nsec = 0;
}

/* What lies unchanged since before the build has no times of what is its future. */
static void hide_untouched_time(timestamp *time)
{
	if (time->tv_sec >= settings->epoch)
		*time = (timestamp){ .tv_sec = settings->epoch };
}

/* A time that only the kernel sets, before the build or in it. */
static void hide_kernel_time(timestamp *time)
{
	if (!hide_build_time(time))
		set(time, settings->epoch * SECOND);
}

/* Devices are the host's own, however old: a build only uses them. */
static void hide_device_times(struct statx *file)
{
	timestamp epoch = { .tv_sec = settings->epoch };

	file->stx_atime = file->stx_mtime = file->stx_ctime = file->stx_btime = epoch;
}

static void hide_times(struct statx *file, int input)
{
	if (S_ISCHR(file->stx_mode) || S_ISBLK(file->stx_mode)) {
		hide_device_times(file);
		return;
	}
	if (nanoseconds(&file->stx_ctime) < settings->start)
		hide_untouched_time(&file->stx_mtime);
	else
		hide_settable_time(&file->stx_mtime);
	if (input)
		hide_kernel_time(&file->stx_atime);
	else
		hide_settable_time(&file->stx_atime);
	hide_kernel_time(&file->stx_ctime);
	hide_kernel_time(&file->stx_btime);
}

uint32_t birth_of(const struct statx *file)
{
	return mix(nanoseconds(&file->stx_btime)) | 1;
}

static void hide_identity(struct statx *file, int input)
{
	uint64_t device = makedev(file->stx_dev_major, file->stx_dev_minor);

	file->stx_ino = inode_number(inode_key(file->stx_ino, device, input ? file->stx_mnt_id : 0), birth_of(file));
	file->stx_dev_major = DEVICE_MAJOR;
	file->stx_dev_minor = DEVICE_MINOR;
	file->stx_mnt_id = 1;
	file->stx_blksize = BLOCK;
	if (input) {
		file->stx_nlink = 1;
		file->stx_uid = 0;
		file->stx_gid = 0;
	}
	if (S_ISDIR(file->stx_mode)) {
		file->stx_nlink = 1;
		file->stx_size = BLOCK;
	}
	file->stx_blocks = (file->stx_size + SECTOR - 1) / SECTOR;
}

static void hide(struct statx *file)
{
	int input = is_input(file);

	hide_identity(file, input);
	hide_times(file, input);
}

static struct timespec time_of(const timestamp *time)
{
	return (struct timespec){ time->tv_sec, time->tv_nsec };
}

/* The older call's form of the same facts; `how` is fstatat's flags. */
static long look(int directory, const char *path, int how, struct stat *to)
{
	struct statx file;
	long result = real(SYS_statx, directory, path, how, KNOWN_FIELDS, &file);

	if (result < 0)
		return result;
	if (!can_write(to, sizeof *to))
		return -EFAULT;
	show_original(&file);
	hide(&file);
	*to = (struct stat){
		.st_dev = makedev(file.stx_dev_major, file.stx_dev_minor), .st_ino = file.stx_ino,
		.st_nlink = file.stx_nlink, .st_mode = file.stx_mode, .st_uid = file.stx_uid, .st_gid = file.stx_gid,
		.st_rdev = makedev(file.stx_rdev_major, file.stx_rdev_minor), .st_size = file.stx_size,
		.st_blksize = file.stx_blksize, .st_blocks = file.stx_blocks, .st_atim = time_of(&file.stx_atime),
		.st_mtim = time_of(&file.stx_mtime), .st_ctim = time_of(&file.stx_ctime),
	};
	return 0;
}

long handle_stat(const struct call *call)
{
	return look(AT_FDCWD, (const char *)call->args[0], AT_NO_AUTOMOUNT, (struct stat *)call->args[1]);
}

long handle_lstat(const struct call *call)
{
	return look(AT_FDCWD, (const char *)call->args[0], AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
		(struct stat *)call->args[1]);
}

long handle_fstat(const struct call *call)
{
	int fd = call->args[0];

	return fd < 0 ? -EBADF : look(fd, "", AT_EMPTY_PATH, (struct stat *)call->args[1]);
}

long handle_newfstatat(const struct call *call)
{
	const unsigned long *a = call->args;

	return look(a[0], (const char *)a[1], a[3], (struct stat *)a[2]);
}

/* What is looked at does not depend on what was asked for, only what goes back. */
long handle_statx(const struct call *call)
{
	const unsigned long *a = call->args;
	struct statx *to = (struct statx *)a[4], file;
	unsigned asked = a[3];
	long result;

	if (asked & STATX__RESERVED)
		return -EINVAL;
	result = real(SYS_statx, a[0], a[1], a[2], KNOWN_FIELDS, &file);
	if (result < 0)
		return result;
	if (!can_write(to, sizeof *to))
		return -EFAULT;
	show_original(&file);
	hide(&file);
	*to = (struct statx){
		.stx_mask = file.stx_mask & KNOWN_FIELDS & (asked | STATX_BASIC_STATS), .stx_blksize = file.stx_blksize,
		.stx_nlink = file.stx_nlink, .stx_uid = file.stx_uid, .stx_gid = file.stx_gid, .stx_mode = file.stx_mode,
		.stx_ino = file.stx_ino, .stx_size = file.stx_size, .stx_blocks = file.stx_blocks,
		.stx_atime = file.stx_atime, .stx_btime = file.stx_btime, .stx_ctime = file.stx_ctime,
		.stx_mtime = file.stx_mtime, .stx_rdev_major = file.stx_rdev_major, .stx_rdev_minor = file.stx_rdev_minor,
		.stx_dev_major = file.stx_dev_major, .stx_dev_minor = file.stx_dev_minor, .stx_mnt_id = file.stx_mnt_id,
	};
	return 0;
}

static long hide_file_system(long result, struct statfs *system)
{
	if (result < 0)
		return result;
	*system = (struct statfs){
		.f_type = EXT_MAGIC, .f_bsize = BLOCK, .f_frsize = BLOCK, .f_namelen = 255, .f_blocks = 1 << 24,
		.f_bfree = 1 << 23, .f_bavail = 1 << 23, .f_files = 1 << 22, .f_ffree = 1 << 21,
		.f_flags = system->f_flags & 1,
	};
	return 0;
}

long handle_statfs(const struct call *call)
{
	return hide_file_system(real(SYS_statfs, call->args[0], call->args[1]), (struct statfs *)call->args[1]);
}

long handle_fstatfs(const struct call *call)
{
	return hide_file_system(real(SYS_fstatfs, call->args[0], call->args[1]), (struct statfs *)call->args[1]);
}
