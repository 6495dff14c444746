/* Reads a folder of many files in every way; prints what went wrong, or "sorted". */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 20000, STOP = 7000, OURS = FILES + 2 };

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
	expect(chdir("..") == 0 && rmdir(path) == 0, "rmdir");
	printf("sorted\n");
	return 0;
}
