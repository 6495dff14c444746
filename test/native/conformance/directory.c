/* The order in which a folder's entries come, by every call that lists them. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rows.h"

enum { FILES = 300, ROOM = 1 << 16 };

/* What the older call gives. */
struct old_entry {
	unsigned long ino;
	long off;
	unsigned short reclen;
	char name[];
};

static char names[ROOM];

static void add(const char *name)
{
	strcat(strcat(names, name), " ");
}

static void show(const char *way)
{
	printf("directory/%s: %.40s... %lx\n", way, names, digest(names, strlen(names)));
	*names = 0;
}

static void by_readdir(void)
{
	DIR *folder = opendir("of-files");
	struct dirent *entry;
	struct stat file;
	int wrong = 0;

	while ((entry = readdir(folder))) {
		add(entry->d_name);
		if (fstatat(dirfd(folder), entry->d_name, &file, 0) == 0 && strcmp(entry->d_name, "..") != 0)
			wrong += file.st_ino != entry->d_ino;
	}
	closedir(folder);
	show("readdir");
	printf("directory/inodes: %d differ from stat's\n", wrong);
}

static void by_getdents64(void)
{
	static char bytes[ROOM];
	int fd = open("of-files", O_RDONLY | O_DIRECTORY);
	long size;

	while ((size = syscall(SYS_getdents64, fd, bytes, 1000)) > 0)
		for (long at = 0; at < size; at += ((struct dirent64 *)(bytes + at))->d_reclen)
			add(((struct dirent64 *)(bytes + at))->d_name);
	close(fd);
	show("getdents64");
}

static void by_getdents(void)
{
	static char bytes[ROOM];
	int fd = open("of-files", O_RDONLY | O_DIRECTORY);
	long size;

	while ((size = syscall(SYS_getdents, fd, bytes, 1000)) > 0)
		for (long at = 0; at < size; at += ((struct old_entry *)(bytes + at))->reclen)
			add(((struct old_entry *)(bytes + at))->name);
	close(fd);
	show("getdents");
}

void ask_directory(void)
{
	char name[32];

	must(mkdir("of-files", 0755) == 0, "mkdir");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "of-files/%d", i * 7919 % FILES);
		write_file(name, 0);
	}
	by_readdir();
	by_getdents64();
	by_getdents();
}
