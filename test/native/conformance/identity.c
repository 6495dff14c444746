/* What tells of the file system in which files lie. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rows.h"

enum { ENTRIES = 200 };

static struct stat show(const char *name, const char *path)
{
	struct stat file;

	must(stat(path, &file) == 0, path);
	printf("identity/%s: device %u:%u inode %lu links %lu owner %u:%u size %ld blocks %ld of %ld\n", name,
		major(file.st_dev), minor(file.st_dev), file.st_ino, file.st_nlink, file.st_uid, file.st_gid, file.st_size,
		file.st_blocks, file.st_blksize);
	return file;
}

static void ask_files(void)
{
	struct stat one, other;

	write_file("empty", 0);
	write_file("small", 1);
	write_file("large", 5000);
	write_file("sparse", 1);
	must(truncate("sparse", 1 << 20) == 0, "truncate");
	show("an empty file", "empty");
	one = show("a small file", "small");
	show("a large file", "large");
	show("a sparse file", "sparse");
	must(link("small", "hard") == 0, "link");
	other = show("a hard link", "hard");
	printf("identity/hard links: %s\n", one.st_ino == other.st_ino ? "one inode" : "two inodes");
	other = show("a sparse file again", "sparse");
	printf("identity/files: %s\n", one.st_ino == other.st_ino ? "one inode" : "two inodes");
}

static void ask_folder(void)
{
	char name[32];

	must(mkdir("of-many", 0755) == 0, "mkdir");
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, "of-many/%d", i);
		if (i % 2)
			must(mkdir(name, 0755) == 0, name);
		else
			write_file(name, 0);
	}
	show("a folder", "of-many");
}

/* The same content twice, which lies there once when the host shares it. */
static void ask_inputs(void)
{
	struct stat one = show("an input", input("one"));
	struct stat other = show("an input with the same content", input("other"));

	printf("identity/inputs: %s\n", one.st_ino == other.st_ino ? "one inode" : "two inodes");
}

static void ask_system(const char *path)
{
	struct statfs system, opened;
	struct statvfs by_libc;
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	must(statfs(path, &system) == 0 && fstatfs(fd, &opened) == 0 && statvfs(path, &by_libc) == 0, path);
	close(fd);
	printf("identity/statfs of %s: %lx %ld %lu %lu %lu %lu %lu %x%x %ld %ld %lx\n", path, system.f_type, system.f_bsize,
		system.f_blocks, system.f_bfree, system.f_bavail, system.f_files, system.f_ffree, system.f_fsid.__val[0],
		system.f_fsid.__val[1], system.f_namelen, system.f_frsize, system.f_flags);
	printf("identity/fstatfs of %s: %lx %ld %lu %lu\n", path, opened.f_type, opened.f_bsize, opened.f_blocks,
		opened.f_bfree);
	printf("identity/statvfs of %s: %lu %lu %lu %lx\n", path, by_libc.f_bsize, by_libc.f_blocks, by_libc.f_bfree,
		by_libc.f_fsid);
}

void ask_identity(void)
{
	ask_files();
	ask_folder();
	ask_inputs();
	ask_system(".");
	ask_system("/");
	ask_system("/store");
	ask_system("/dev");
}
