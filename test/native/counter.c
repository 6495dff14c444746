/*
 * counter: reads the time stamp counter in all the ways a program may, and does with SIGSEGV what programs do. Run where
 * the counter is trapped it prints the same every time.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

static unsigned long long before;

static void tell(const char *what)
{
	unsigned cpu = 99;
	unsigned long long now = __rdtscp(&cpu), next = __rdtsc();

	printf("%s: +%llu +%llu on %u\n", what, now - before, next - now, cpu);
	fflush(stdout);
	before = next;
}

static void expect(int holds, const char *what)
{
	if (holds)
		return;
	printf("failed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static sigjmp_buf back;
static char *page;
static volatile unsigned long long in_handler;

static void leap(int signal, siginfo_t *info, void *context)
{
	(void)context;
	in_handler = __rdtsc();
	expect(signal == SIGSEGV && info->si_addr == page && info->si_code == SEGV_ACCERR, "what the handler is told");
	siglongjmp(back, 1);
}

static void open_page(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	mprotect(info->si_addr, 4096, PROT_READ | PROT_WRITE);
}

/* As a child does before its exec, in its parent's memory. */
static void reset_in_vfork(void)
{
	if (vfork() == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(0);
	}
	wait(NULL);
}

/* Java's null checks, garbage collectors' barriers. */
static void handle_own_faults(void)
{
	struct sigaction leaping = { .sa_sigaction = leap, .sa_flags = SA_SIGINFO }, opening, old;

	sigaction(SIGSEGV, &leaping, NULL);
	expect(sigaction(SIGSEGV, NULL, &old) == 0 && old.sa_sigaction == leap && old.sa_flags & SA_SIGINFO, "it reads back");
	reset_in_vfork();
	for (volatile int i = 0; i < 3; i++) {
		if (sigsetjmp(back, 1) == 0) {
			*page = 1;
			expect(0, "a fault");
		}
		expect(in_handler != 0, "the counter in the handler");
	}
	opening = (struct sigaction){ .sa_sigaction = open_page, .sa_flags = SA_SIGINFO | SA_RESETHAND };
	sigaction(SIGSEGV, &opening, NULL);
	*page = 2;
	expect(*page == 2, "the write is made again");
	expect(sigaction(SIGSEGV, NULL, &old) == 0 && old.sa_handler == SIG_DFL, "the action is used up");
	tell("own handlers");
}

static void on_alternate_stack(int signal, siginfo_t *info, void *context)
{
	static int deep;

	(void)signal, (void)info, (void)context;
	tell("stack overflow");
	_exit(deep);
}

static int overflow(volatile char *above)
{
	volatile char here[4096];

	here[0] = *above;
	return overflow(here) + here[0];
}

static void in_child(const char *what, int wanted, void (*go)(void))
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		go();
		_exit(9);
	}
	wait(&status);
	expect(WIFSIGNALED(status) ? WTERMSIG(status) == wanted : status == 0 && wanted == 0, what);
}

static void overflow_stack(void)
{
	static char memory[16384];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory };
	struct sigaction action = { .sa_sigaction = on_alternate_stack, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	char start = 0;

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	overflow(&start);
}

static void fault(void)
{
	signal(SIGSEGV, SIG_DFL);
	*(volatile char *)8 = 1;
}

static void jump_to_nothing(void)
{
	((void (*)(void))8)();
}

static void ignore_faults(void)
{
	signal(SIGSEGV, SIG_IGN);
	raise(SIGSEGV);
	tell("ignored");
	_exit(0);
}

static void block_all(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	tell("all blocked");
	_exit(0);
}

static void raise_it(void)
{
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void fail_to_start(void)
{
	execl("/none", "none", NULL);
	tell("exec that failed");
	_exit(0);
}

static void *in_thread(void *argument)
{
	*(unsigned long long *)argument = __rdtsc();
	return NULL;
}

int main(int argc, char **argv)
{
	struct timespec first, second;
	unsigned long long of_thread = 0;
	pthread_t thread;
	int can = 0;

	if (argc > 1) {
		tell(argv[1]);
		return 0;
	}
	tell("start");
	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	handle_own_faults();
	in_child("stack overflow", 0, overflow_stack);
	in_child("fault", SIGSEGV, fault);
	in_child("jump", SIGSEGV, jump_to_nothing);
	in_child("ignore", 0, ignore_faults);
	in_child("block", 0, block_all);
	in_child("raise", SIGSEGV, raise_it);
	in_child("exec", 0, fail_to_start);
	expect(prctl(PR_GET_TSC, &can) == 0 && can == PR_TSC_ENABLE, "the counter may be read");
	expect(prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0, "it may be allowed");
	pthread_create(&thread, NULL, in_thread, &of_thread);
	pthread_join(thread, NULL);
	tell("after a thread");
	clock_gettime(CLOCK_MONOTONIC, &first);
	before = __rdtsc();
	usleep(200000);
	tell("after 200 ms");
	clock_gettime(CLOCK_MONOTONIC, &second);
	expect(second.tv_sec - first.tv_sec + (second.tv_nsec - first.tv_nsec) / 1e9 >= 0.2, "the monotonic clock goes on");
	/* A loop that waits for so many ticks ends. */
	while (__rdtsc() < before + 3000000)
		;
	fflush(stdout);
	execl("/proc/self/exe", "counter", "after an exec", NULL);
	return 1;
}
