/* affinity: prints which processors a process may run on, by masks of many sizes, and what the kernel says of wrong ones. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, MOST = 1024 };

static void ask(const char *name, long pid, unsigned size, void *mask)
{
	long result = syscall(SYS_sched_getaffinity, pid, size, mask);

	printf("%s: %s", name, result < 0 ? strerrorname_np(errno) : "done");
	if (result >= 0)
		printf(" %ld", result);
}

/* What was asked for, how many processors are in it, and how many bytes the kernel has written. */
static void ask_sized(unsigned size)
{
	unsigned char mask[MOST];
	unsigned processors = 0, written = MOST;
	char name[32];

	memset(mask, 0x55, sizeof mask);
	snprintf(name, sizeof name, "%u bytes", size);
	ask(name, 0, size, mask);
	while (written > 0 && mask[written - 1] == 0x55)
		written--;
	for (unsigned i = 0; i < written * 8; i++)
		processors += mask[i / 8] >> i % 8 & 1;
	printf(", %u in %u\n", processors, written);
}

int main(void)
{
	static const unsigned sizes[] = { 0, 1, 4, 7, 8, 12, 16, 24, 128, MOST, 0x20000000 };
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + PAGE, PAGE);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		ask_sized(sizes[i]);
	ask("nowhere", 0, 8, NULL), puts("");
	ask("behind the edge", 0, MOST, page + PAGE), puts("");
	ask("over the edge", 0, 8, page + PAGE - 4), puts("");
	ask("at the edge", 0, MOST, page + PAGE - 8), puts("");
	ask("no process", -3, 8, page), puts("");
	ask("no process, too small", -3, 4, page), puts("");
	return 0;
}
