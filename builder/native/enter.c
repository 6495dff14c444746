/* The mode `enter`: a program that sees the host as it is, with the objects of a store at /store. */
#include "sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the host's root lies while the new one is filled. */
#define HOST ".host"

/* A map of a single id onto itself, as an ordinary user may make for itself. */
static int map_self(uid_t uid, gid_t gid)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "%u %u 1\n", uid, uid);
	snprintf(gids, sizeof gids, "%u %u 1\n", gid, gid);
	if (write_text("/proc/self/setgroups", "deny") < 0 || write_text("/proc/self/gid_map", gids) < 0)
		return -1;
	return write_text("/proc/self/uid_map", uids);
}

/* Root needs no user namespace, and one of its own would take its other users from it. */
static void enter_namespaces(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0 && unshare(CLONE_NEWNS) == 0)
		return;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		die_errno(STDERR_FILENO, "namespaces", "");
	if (map_self(uid, gid) < 0)
		die_errno(STDERR_FILENO, "id-maps", "");
}

/* Puts a small root over `place`, goes there, and makes it the root; the host's is then at HOST. */
static void replace_root(const char *place)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		die_errno(STDERR_FILENO, "slave-mounts", "");
	if (mount("root", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0 || chdir(place) < 0)
		die_errno(STDERR_FILENO, "mount-root", place);
	if (mkdir(HOST, 0700) < 0 || syscall(SYS_pivot_root, ".", HOST) < 0 || chdir("/") < 0)
		die_errno(STDERR_FILENO, "enter-root", place);
}

static int make_place(const char *name, mode_t mode)
{
	int file;

	if (S_ISDIR(mode))
		return mkdir(name, 0755);
	file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return file < 0 ? -1 : close(file);
}

/* What cannot even be looked at, such as a file system whose server is gone, is left out. */
static int copy_entry(const char *name)
{
	char source[PATH_MAX];
	struct stat status;

	snprintf(source, sizeof source, HOST "/%s", name);
	if (lstat(source, &status) < 0)
		return 0;
	if (S_ISLNK(status.st_mode))
		return copy_link(source, AT_FDCWD, name);
	if (make_place(name, status.st_mode) < 0)
		return -1;
	return bind_mount(source, name, MS_REC);
}

static void copy_root(void)
{
	static const char *const left_out[] = { ".", "..", HOST, "store" };
	DIR *root = opendir(HOST);
	struct dirent *entry;

	if (!root)
		die_errno(STDERR_FILENO, "list-root", "");
	while ((entry = readdir(root))) {
		size_t i = 0;

		while (i < sizeof left_out / sizeof *left_out && strcmp(left_out[i], entry->d_name) != 0)
			i++;
		if (i == sizeof left_out / sizeof *left_out && copy_entry(entry->d_name) < 0)
			die_errno(STDERR_FILENO, "bind", entry->d_name);
	}
	closedir(root);
}

static void mount_store(const char *objects)
{
	char source[PATH_MAX + sizeof HOST];

	snprintf(source, sizeof source, HOST "%s", objects);
	if (mkdir("store", 0755) < 0 || bind_mount(source, "store", MS_REC | MS_RDONLY | MS_NODEV) < 0)
		die_errno(STDERR_FILENO, "bind", objects);
	if (umount2(HOST, MNT_DETACH) < 0 || rmdir(HOST) < 0)
		die_errno(STDERR_FILENO, "leave-root", "");
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		die_errno(STDERR_FILENO, "leave-root", "");
}

int enter_main(int argc, char **argv)
{
	char directory[PATH_MAX], objects[PATH_MAX];
	int error;

	if (argc < 4 || strcmp(argv[0], "--store") != 0 || strcmp(argv[2], "--") != 0) {
		fputs("usage: sandbox enter --store DIR -- CMD [ARGS]\n", stderr);
		return EXIT_UNABLE;
	}
	if (!getcwd(directory, sizeof directory))
		die_errno(STDERR_FILENO, "working-directory", "");
	if (!realpath(argv[1], objects))
		die_errno(STDERR_FILENO, "objects", argv[1]);
	enter_namespaces();
	replace_root(objects);
	copy_root();
	mount_store(objects);
	if (chdir(directory) < 0)
		die_errno(STDERR_FILENO, "working-directory", directory);
	execvp(argv[3], argv + 3);
	error = errno;
	fprintf(stderr, "error: Cannot run \"%s\": %s\n", argv[3], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
