/* Walks over file trees: making them canonical, and removing them. */
#include "keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Each gets a name in the working directory, and returns 0 or an errno. */
struct visitor {
	int (*file)(const char *name, const struct stat *st);
	/* After everything in the directory. */
	int (*directory)(const char *name, const struct stat *st);
};

struct walk {
	const struct visitor *visitor;
	/* Where the walk is, for its messages. */
	char *path;
	size_t size;
};

static int visit(const struct walk *walk, size_t at, const char *name);

/* A mount below a tree belongs to somebody else, and would be emptied with it. */
static int is_mount(const char *name)
{
	struct statx st;

	return statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int visit_children(const struct walk *walk, size_t at)
{
	struct dirent **entries;
	int count = scandir(".", &entries, not_dots, NULL);
	int error = 0;

	if (count < 0)
		return errno;
	for (int i = 0; i < count; i++) {
		if (error == 0)
			error = visit(walk, at, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return error;
}

static int visit_directory(const struct walk *walk, size_t at, const char *name, const struct stat *st)
{
	int error;

	if (is_mount(name))
		return EBUSY;
	if ((st->st_mode & S_IRWXU) != S_IRWXU && chmod(name, (st->st_mode & 07777) | S_IRWXU) < 0)
		return errno;
	if (chdir(name) < 0)
		return errno;
	error = visit_children(walk, at);
	if (error)
		return error;
	if (chdir("..") < 0)
		return errno;
	walk->path[at] = 0;
	return walk->visitor->directory(name, st);
}

/* Works from within each directory, so that no tree is too deep. After a failure `path` names the file. */
static int visit(const struct walk *walk, size_t at, const char *name)
{
	struct stat st;
	size_t end = at + snprintf(walk->path + at, walk->size - at, "/%s", name);

	if (end >= walk->size)
		end = walk->size - 1;
	if (lstat(name, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return visit_directory(walk, end, name, &st);
	return walk->visitor->file(name, &st);
}

/* Visits `tree`, given by an absolute path. */
static int walk_tree(const char *tree, const struct visitor *visitor, char *text, size_t size)
{
	const char *slash = strrchr(tree, '/');
	struct walk walk = { visitor, text, size };
	int error;

	if (tree[0] != '/' || !slash[1])
		return EINVAL;
	snprintf(text, size, "%.*s", (int)(slash - tree), tree);
	if (chdir(slash == tree ? "/" : text) < 0)
		return errno;
	error = visit(&walk, strlen(text), slash + 1);
	if (error == 0)
		text[0] = 0;
	return error;
}

static int remove_file(const char *name, const struct stat *st)
{
	(void)st;
	return unlink(name) < 0 ? errno : 0;
}

static int remove_directory(const char *name, const struct stat *st)
{
	(void)st;
	return rmdir(name) < 0 ? errno : 0;
}

int remove_tree(const char *tree, char *text, size_t size)
{
	static const struct visitor visitor = { remove_file, remove_directory };
	struct stat st;

	if (lstat(tree, &st) < 0 && errno == ENOENT)
		return 0;
	return walk_tree(tree, &visitor, text, size);
}

/* Attributes that belong to the machine, not to the file. */
static int is_machines(const char *attribute)
{
	static const char *const names[] = { "security.selinux", "security.csm", "security.ima",
					     "security.evm", "system.nfs4_acl", "btrfs.compression" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(attribute, names[i]) == 0)
			return 1;
	return 0;
}

static int clear_attributes(const char *name, const struct stat *st)
{
	char list[65536];
	ssize_t length = llistxattr(name, list, sizeof list);

	if (length <= 0)
		return length < 0 && errno != ENOTSUP ? errno : 0;
	/* Only who may write may clear; changing the owner also drops capabilities, which only root may clear. */
	if (!S_ISLNK(st->st_mode) && chmod(name, S_ISDIR(st->st_mode) ? 0700 : 0600) < 0)
		return errno;
	if (lchown(name, geteuid(), getegid()) < 0)
		return errno;
	length = llistxattr(name, list, sizeof list);
	for (char *at = list; at < list + length; at += strlen(at) + 1)
		if (!is_machines(at) && lremovexattr(name, at) < 0 && errno != ENODATA)
			return errno;
	return length < 0 ? errno : 0;
}

static int copy_bytes(int from, int to)
{
	ssize_t copied;

	do
		copied = copy_file_range(from, NULL, to, NULL, SSIZE_MAX & ~0xfffL, 0);
	while (copied > 0);
	return copied < 0 ? errno : 0;
}

static int copy_file(const char *name, const struct stat *st, const char *copy)
{
	int error, to, from = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (from < 0 && errno == EACCES && chmod(name, st->st_mode | S_IRUSR) == 0)
		from = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0)
		return errno;
	to = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	error = to < 0 ? errno : copy_bytes(from, to);
	if (error == 0 && fchmod(to, st->st_mode & 0777) < 0)
		error = errno;
	close(from);
	if (to >= 0 && close(to) < 0 && error == 0)
		error = errno;
	return error;
}

static int copy_symlink(const char *name, const char *copy)
{
	char target[PATH_MAX];
	ssize_t length = readlink(name, target, sizeof target - 1);

	if (length < 0)
		return errno;
	target[length] = 0;
	return symlink(target, copy) < 0 ? errno : 0;
}

/* Gives `name` an inode of its own: what is shared with another name could be changed through it. */
static int break_link(const char *name, const struct stat *st)
{
	static const char copy[] = ".keeper-copy";
	int error = S_ISLNK(st->st_mode) ? copy_symlink(name, copy) : copy_file(name, st, copy);

	if (error == EEXIST)
		return error;
	if (error == 0 && rename(copy, name) < 0)
		error = errno;
	if (error)
		unlink(copy);
	return error;
}

static int set_metadata(const char *name, const struct stat *st)
{
	static const struct timespec times[] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	mode_t mode = S_ISDIR(st->st_mode) || (st->st_mode & S_IXUSR) ? 0555 : 0444;
	int error = clear_attributes(name, st);

	if (error)
		return error;
	if ((st->st_uid != geteuid() || st->st_gid != getegid()) && lchown(name, geteuid(), getegid()) < 0)
		return errno;
	if (!S_ISLNK(st->st_mode) && chmod(name, mode) < 0)
		return errno;
	return utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? errno : 0;
}

static int canonicalise_file(const char *name, const struct stat *st)
{
	int error = 0;

	if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode))
		return ENOTSUP;
	if (st->st_nlink > 1)
		error = break_link(name, st);
	return error ? error : set_metadata(name, st);
}

int canonicalise_tree(const char *tree, char *text, size_t size)
{
	static const struct visitor visitor = { canonicalise_file, set_metadata };

	return walk_tree(tree, &visitor, text, size);
}

int reset_tree(const char *tree, char *text, size_t size)
{
	static const struct visitor visitor = { set_metadata, set_metadata };

	return walk_tree(tree, &visitor, text, size);
}

int sync_filesystem(const char *directory, char *text, size_t size)
{
	int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = file < 0 || syncfs(file) < 0 ? errno : 0;

	if (error)
		snprintf(text, size, "%s", directory);
	if (file >= 0)
		close(file);
	return error;
}
