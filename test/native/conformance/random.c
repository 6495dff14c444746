/* Random bytes, from everywhere they come from, in processes and threads. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

enum { SIZE = 8 };

static void show(const char *way, const unsigned char bytes[SIZE])
{
	printf("random/%s: ", way);
	for (int i = 0; i < SIZE; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

static void ask_file(const char *path)
{
	char text[64] = "";
	size_t size = strncmp(path, "/dev/", 5) == 0 ? SIZE : sizeof text - 1;

	size = read_file(path, text, size);
	if (*path == '/' && path[1] == 'd')
		show(path, (unsigned char *)text);
	else
		printf("random/%s: %.*s", path, (int)size, text);
}

static void *ask_in_thread(void *to)
{
	getrandom(to, SIZE, 0);
	return NULL;
}

static void ask_threads(void)
{
	unsigned char ours[SIZE], theirs[SIZE];
	pthread_t thread;

	pthread_create(&thread, NULL, ask_in_thread, theirs);
	pthread_join(thread, NULL);
	getrandom(ours, SIZE, 0);
	printf("random/of a thread: %s\n", memcmp(ours, theirs, SIZE) ? "another" : "the same");
}

static void ask_children(void)
{
	unsigned char bytes[3][SIZE];
	int ends[2];

	must(pipe(ends) == 0, "pipe");
	for (int i = 0; i < 2; i++) {
		if (fork() == 0) {
			getrandom(bytes[0], SIZE, 0);
			_exit(write(ends[1], bytes[0], SIZE) != SIZE);
		}
		wait(NULL);
		must(read(ends[0], bytes[i], SIZE) == SIZE, "read");
		show(i ? "of a second child" : "of a child", bytes[i]);
	}
	getrandom(bytes[2], SIZE, 0);
	printf("random/of children: %s\n",
		memcmp(bytes[0], bytes[1], SIZE) && memcmp(bytes[0], bytes[2], SIZE) ? "another each" : "the same");
}

void ask_random(void)
{
	unsigned char bytes[SIZE];

	getrandom(bytes, SIZE, 0);
	show("getrandom", bytes);
	syscall(SYS_getrandom, bytes, SIZE, GRND_NONBLOCK);
	show("getrandom by system call", bytes);
	getentropy(bytes, SIZE);
	show("getentropy", bytes);
	show("AT_RANDOM", (unsigned char *)getauxval(AT_RANDOM));
	ask_file("/dev/random");
	ask_file("/dev/urandom");
	ask_file("/proc/sys/kernel/random/boot_id");
	ask_file("/proc/sys/kernel/random/uuid");
	ask_file("/proc/sys/kernel/random/entropy_avail");
	ask_children();
	ask_threads();
}
