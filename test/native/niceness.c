/* niceness: prints how nice this program is, and becomes, by every way to ask for it and to set it. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the kernel's, as far as all kernels have it. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* As /proc tells it, with the priority: the 18th and 19th field. */
static void tell_proc(void)
{
	long priority = 0, nice = 0;
	FILE *file = fopen("/proc/self/stat", "r");

	if (file && fscanf(file, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld", &priority, &nice) == 2)
		printf("proc: %ld %ld\n", priority, nice);
}

static void tell(const char *what)
{
	struct attributes attributes = { 0 };

	printf("%s: %ld, %d", what, syscall(SYS_getpriority, PRIO_PROCESS, 0), getpriority(PRIO_PROCESS, 0));
	if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0)
		printf(", %d and %llu", attributes.nice, (unsigned long long)attributes.runtime);
	printf(", group %d\n", getpriority(PRIO_PGRP, getpgrp()));
}

int main(void)
{
	static struct {
		struct attributes attributes;
		char behind[4000];
	} large = { { .size = sizeof large }, "what no kernel knows" };
	struct attributes attributes = { .size = sizeof attributes, .nice = 7 };

	setpgid(0, 0);
	tell("at first"), tell_proc();
	printf("3 more: %d\n", nice(3)), tell("then");
	printf("set to 5: %d\n", setpriority(PRIO_PROCESS, 0, 5)), tell("then"), tell_proc();
	printf("set to 7: %ld\n", syscall(SYS_sched_setattr, 0, &attributes, 0)), tell("then");
	printf("too large: %ld", syscall(SYS_sched_setattr, 0, &large, 0)), printf(" %s\n", strerrorname_np(errno));
	printf("nowhere: %ld", syscall(SYS_sched_setattr, 0, 8, 0)), printf(" %s\n", strerrorname_np(errno));
	printf("nowhere: %ld", syscall(SYS_sched_getattr, 0, 8, 48, 0)), printf(" %s\n", strerrorname_np(errno));
	printf("no process: %d", setpriority(PRIO_PROCESS, -3, 8)), printf(" %s\n", strerrorname_np(errno));
	printf("nothing: %d", getpriority(77, 0)), printf(" %s\n", strerrorname_np(errno));
	return 0;
}
