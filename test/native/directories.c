/* Reads a folder of many files in every way; prints what went wrong, or "sorted". */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 20000, STOP = 7000, OURS = FILES + 2, CHANGED = 3000, BRANCHES = 100 };

static void expect(int holds, const char *what)
{
	if (holds)
		return;
	printf("failed: %s\n", what);
	exit(1);
}

static long count_sorted(DIR *folder)
{
	struct dirent *entry;
	char last[256] = "";
	long count = 0;

	for (; (entry = readdir(folder)); count++) {
		expect(strcmp(last, entry->d_name) < 0, "the order");
		strcpy(last, entry->d_name);
	}
	return count;
}

static void go_back(DIR *folder)
{
	char name[256];
	long place;

	rewinddir(folder);
	for (int i = 0; i < STOP; i++)
		readdir(folder);
	place = telldir(folder);
	strcpy(name, readdir(folder)->d_name);
	while (readdir(folder))
		;
	seekdir(folder, place);
	expect(strcmp(readdir(folder)->d_name, name) == 0, "seekdir");
}

/* A child that shares the descriptor goes on where its parent stopped. */
static void share(void)
{
	char bytes[1024], first[256], second[256];
	int fd = open(".", O_RDONLY | O_DIRECTORY), status;

	expect(getdents64(fd, bytes, sizeof bytes) > 0, "getdents64");
	for (long at = 0;; at += ((struct dirent64 *)(bytes + at))->d_reclen) {
		struct dirent64 *entry = (struct dirent64 *)(bytes + at);

		if (at + entry->d_reclen > (long)sizeof bytes - 64)
			break;
		strcpy(first, entry->d_name);
	}
	if (fork() == 0) {
		expect(getdents64(dup(fd), bytes, sizeof bytes) > 0, "getdents64 in the child");
		strcpy(second, ((struct dirent64 *)bytes)->d_name);
		_exit(strcmp(first, second) < 0 && strcmp(second, "f2") < 0 ? 0 : 1);
	}
	wait(&status);
	expect(status == 0, "the child's place");
	close(fd);
}

/* Makes files whose names begin with that letter, or removes them. */
static void make_files(char first, int count)
{
	char name[32];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%c%04d", first, i);
		close(open(name, O_CREAT | O_WRONLY, 0644));
	}
}

static void remove_files(char first, int count)
{
	char name[32];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%c%04d", first, i);
		expect(unlink(name) == 0, "unlink");
	}
}

/* All that is left are that many files whose names begin with that letter. */
static void expect_files(DIR *folder, char first, int count, const char *what)
{
	struct dirent *entry;
	int found = 0;

	while ((entry = readdir(folder)))
		found += *entry->d_name == first ? 1 : *entry->d_name == '.' ? 0 : FILES;
	expect(found == count, what);
}

static DIR *open_and_read_one(void)
{
	DIR *folder = opendir(".");

	expect(folder && readdir(folder) != NULL, "readdir");
	return folder;
}

/* What was read before a folder changed is not taken for what is in it now. */
static void change(void)
{
	DIR *folder, *other;

	expect(mkdir("changed", 0755) == 0 && chdir("changed") == 0, "mkdir");
	make_files('o', CHANGED);
	closedir(open_and_read_one());
	folder = open_and_read_one();
	remove_files('o', CHANGED);
	make_files('n', CHANGED);
	rewinddir(folder);
	expect_files(folder, 'n', CHANGED, "what is there after rewinddir");
	closedir(folder);
	folder = opendir(".");
	expect_files(folder, 'n', CHANGED, "what is there after opendir");
	closedir(folder);
	/* Two readers have each begun at a time of their own. */
	folder = open_and_read_one();
	make_files('p', CHANGED);
	remove_files('n', CHANGED);
	other = open_and_read_one();
	expect_files(folder, 'n', CHANGED, "what was there when it was read first");
	expect_files(other, 'p', CHANGED, "what was there when it was read later");
	closedir(folder);
	closedir(other);
	remove_files('p', CHANGED);
	expect(chdir("..") == 0 && rmdir("changed") == 0, "rmdir");
}

/* Calls `use` with each name that a small buffer takes at once; returns their number, 0 at the end. */
static long read_some(int fd, void (*use)(const char *name))
{
	_Alignas(8) char bytes[2048];
	long size = getdents64(fd, (struct dirent64 *)bytes, sizeof bytes), count = 0;

	expect(size >= 0, "getdents64");
	for (long at = 0; at < size; at += ((struct dirent64 *)(bytes + at))->d_reclen, count++)
		use(((struct dirent64 *)(bytes + at))->d_name);
	return count;
}

static void ignore(const char *name)
{
	(void)name;
}

/* The descriptor by which reading began is closed, and a copy of it goes on. */
static void go_on_with_copy(void)
{
	int fd, copy;
	long count, got;

	expect(mkdir("copied", 0755) == 0 && chdir("copied") == 0, "mkdir");
	make_files('c', CHANGED);
	fd = open(".", O_RDONLY | O_DIRECTORY);
	count = read_some(fd, ignore);
	copy = dup(fd);
	close(fd);
	remove_files('c', CHANGED);
	while ((got = read_some(copy, ignore)))
		count += got;
	expect(count == CHANGED + 2, "what a copy of a descriptor goes on with");
	close(copy);
	expect(chdir("..") == 0 && rmdir("copied") == 0, "rmdir");
}

static void remove_tree(const char *name);

static void remove_entry(const char *name)
{
	if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && unlink(name) < 0)
		remove_tree(name);
}

/* As programs do that read a little, remove it, and go down. */
static void remove_tree(const char *name)
{
	int fd;

	expect(chdir(name) == 0, name);
	fd = open(".", O_RDONLY | O_DIRECTORY);
	while (read_some(fd, remove_entry))
		;
	close(fd);
	expect(chdir("..") == 0 && rmdir(name) == 0, "rmdir of what was emptied");
}

static void remove_all(void)
{
	char name[32];

	expect(mkdir("tree", 0755) == 0 && chdir("tree") == 0, "mkdir");
	for (int i = 0; i < BRANCHES; i++) {
		snprintf(name, sizeof name, "branch-%d", i);
		expect(mkdir(name, 0755) == 0 && chdir(name) == 0, "mkdir");
		make_files('l', BRANCHES);
		expect(chdir("..") == 0, "..");
	}
	expect(chdir("..") == 0, "..");
	remove_tree("tree");
}

int main(void)
{
	struct dirent *entry;
	char path[] = "folder-XXXXXX", name[32];
	DIR *folder;
	long count = 0;

	expect(mkdtemp(path) && chdir(path) == 0, "mkdtemp");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "f%d", i * 7919 % FILES);
		close(open(name, O_CREAT | O_WRONLY, 0644));
	}
	folder = opendir(".");
	expect(count_sorted(folder) == OURS, "the count");
	go_back(folder);
	share();
	rewinddir(folder);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] == 'f')
			count += unlink(entry->d_name) == 0;
	expect(count == FILES, "all are removed while they are read");
	change();
	go_on_with_copy();
	remove_all();
	expect(chdir("..") == 0 && rmdir(path) == 0, "rmdir");
	printf("sorted\n");
	return 0;
}
