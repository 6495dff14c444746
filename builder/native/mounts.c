/* The builder's file system: a small root of its own, and what is mounted on it. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A mount inherited from a more privileged namespace has its flags locked: a remount without them is refused. */
static unsigned long locked_flags(unsigned long have)
{
	static const struct {
		unsigned long have, keep;
	} flags[] = {
		{ ST_RDONLY, MS_RDONLY },     { ST_NOSUID, MS_NOSUID },         { ST_NODEV, MS_NODEV },
		{ ST_NOEXEC, MS_NOEXEC },     { ST_NOATIME, MS_NOATIME },       { ST_NODIRATIME, MS_NODIRATIME },
		{ ST_RELATIME, MS_RELATIME },
	};
	unsigned long keep = 0;

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (have & flags[i].have)
			keep |= flags[i].keep;
	return keep & (MS_NOATIME | MS_RELATIME) ? keep : keep | MS_STRICTATIME;
}

int bind_mount(const char *source, const char *target, unsigned long flags)
{
	struct statvfs now;

	if (mount(source, target, NULL, MS_BIND | (flags & MS_REC), NULL) < 0)
		return -1;
	if (!(flags & ~(unsigned long)MS_REC))
		return 0;
	if (statvfs(target, &now) < 0)
		return -1;
	return mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | (flags & ~MS_REC) | locked_flags(now.f_flag), NULL);
}

int make_mounts_private(struct build *build)
{
	(void)build;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* Binds each input over its place in the staging area. Symlinks are there already. */
int bind_inputs(struct build *build)
{
	const struct spec *spec = &build->spec;

	for (size_t i = 0; i < spec->input_count; i++) {
		const struct input *input = &spec->inputs[i];
		char target[PATH_MAX];
		struct stat status;

		build->about = input->host;
		if (snprintf(target, sizeof target, "%s/store/%s", spec->staging, input->name) >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (lstat(target, &status) < 0)
			return -1;
		if (S_ISLNK(status.st_mode))
			continue;
		if (bind_mount(input->host, target, MS_RDONLY | MS_NOSUID | MS_NODEV) < 0)
			return -1;
	}
	return 0;
}

static int open_below(const char *directory, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/*
 * Makes the new root our working directory. It covers the staging area, whose two directories are opened first:
 * as the builder's user we could no longer reach them by name.
 */
int mount_root(struct build *build)
{
	const char *staging = build->spec.staging;
	char options[128];

	build->about = staging;
	build->store = open_below(staging, "store");
	build->tmp = open_below(staging, "tmp");
	if (build->store < 0 || build->tmp < 0)
		return -1;
	/* What all processes of a traced build map costs less in large pages, where the kernel has them. */
	for (int large = is_traced(build); large >= 0; large--) {
		snprintf(options, sizeof options, "mode=0755,size=%dm,nr_inodes=256,uid=%u,gid=%u%s", is_traced(build) ? 64 : 1,
			build->uid, build->gid, large ? ",huge=within_size" : "");
		if (mount("root", staging, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0)
			return chdir(staging);
		if (errno != EINVAL)
			break;
	}
	return -1;
}

struct mount_op {
	const char *type;
	/* The directory it is bound from, for a mount without a type; one of the host's, or one we hold open. */
	const char *source;
	int (*held)(const struct build *build);
	const char *target;
	unsigned long flags;
	const char *options;
};

static int held_store(const struct build *build)
{
	return build->store;
}

static int held_tmp(const struct build *build)
{
	return build->tmp;
}

static const struct mount_op mount_ops[] = {
	{ .held = held_store, .target = "store", .flags = MS_REC | MS_NOSUID | MS_NODEV },
	{ .held = held_tmp, .target = "tmp", .flags = MS_NOSUID | MS_NODEV },
	{ .type = "proc", .target = "proc", .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ .source = "/dev/null", .target = "dev/null" },
	{ .source = "/dev/zero", .target = "dev/zero" },
	{ .source = "/dev/full", .target = "dev/full" },
	{ .source = "/dev/random", .target = "dev/random" },
	{ .source = "/dev/urandom", .target = "dev/urandom" },
	{ .source = "/dev/tty", .target = "dev/tty" },
	{ .type = "devpts", .target = "dev/pts", .flags = MS_NOSUID | MS_NOEXEC,
	  .options = "newinstance,ptmxmode=0666,mode=0620" },
	{ .type = "tmpfs", .target = "dev/shm", .flags = MS_NOSUID | MS_NODEV, .options = "mode=1777,size=1g" },
};

static int run_mount_op(const struct mount_op *op, const struct build *build)
{
	char path[32];

	if (op->type)
		return mount(op->type, op->target, op->type, op->flags, op->options);
	if (!op->held)
		return bind_mount(op->source, op->target, op->flags);
	snprintf(path, sizeof path, "/proc/self/fd/%d", op->held(build));
	return bind_mount(path, op->target, op->flags);
}

int fill_root(struct build *build)
{
	for (size_t i = 0; i < sizeof mount_ops / sizeof *mount_ops; i++) {
		build->about = mount_ops[i].target;
		if (run_mount_op(&mount_ops[i], build) < 0)
			return -1;
	}
	return 0;
}

/* The old root ends up below the new one and is let go; with it goes every mount of the host's. */
int enter_root(struct build *build)
{
	(void)build;
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}
