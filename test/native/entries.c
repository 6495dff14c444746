/*
 * entries NAME: starts programs in one of the ways a program can, or gets in SIGSYS's way, and asks for the time
 * in the end. Prints "NAME: SECONDS"; run under the tracer the seconds are the epoch.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static char *self;
static const char *name;

/* By a system call, past the vDSO. */
static void tell(void)
{
	struct timespec now;

	if (syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) < 0)
		_exit(3);
	printf("%s: %ld\n", name, (long)now.tv_sec);
	fflush(stdout);
}

static void expect(int holds, const char *what)
{
	if (holds)
		return;
	printf("%s: failed: %s: %s\n", name, what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static char *const *told(void)
{
	static char *arguments[4];

	arguments[0] = self;
	arguments[1] = "told";
	arguments[2] = (char *)name;
	return arguments;
}

static void await_child(pid_t pid)
{
	int status;

	expect(pid > 0, "start");
	expect(waitpid(pid, &status, 0) == pid, "wait");
	expect(status == 0, "the child ends well");
}

static void *exec_thread(void *argument)
{
	(void)argument;
	execve(self, told(), environ);
	return NULL;
}

static void thread_exec(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exec_thread, NULL);
	pthread_join(thread, NULL);
}

static void vfork_exec(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(self, told(), environ);
		_exit(2);
	}
	await_child(pid);
	tell();
}

static void spawn_exec(void)
{
	pid_t pid = -1;

	expect(posix_spawn(&pid, self, NULL, NULL, told(), environ) == 0, "spawn");
	await_child(pid);
	tell();
}

static void execveat_memfd(void)
{
	static char buffer[1 << 20];
	int from = open(self, O_RDONLY), to = memfd_create("program", 0);
	ssize_t size;

	while ((size = read(from, buffer, sizeof buffer)) > 0)
		expect(write(to, buffer, size) == size, "write");
	syscall(SYS_execveat, to, "", told(), environ, AT_EMPTY_PATH);
	expect(0, "execveat");
}

static void script(void)
{
	char path[] = "/tmp/entry-script-XXXXXX";
	int fd = mkstemp(path);

	dprintf(fd, "#!%s told\n", self);
	fchmod(fd, 0755);
	close(fd);
	if (fork() == 0) {
		execl(path, path, NULL);
		_exit(2);
	}
	wait(NULL);
	unlink(path);
	tell();
}

static void daemonised(void)
{
	int ends[2];
	char text[64] = "";

	expect(pipe(ends) == 0, "pipe");
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			usleep(50000);
			dup2(ends[1], 1);
			execve(self, told(), environ);
		}
		_exit(0);
	}
	close(ends[1]);
	expect(read(ends[0], text, sizeof text - 1) > 0, "the daemon answers");
	printf("%s", text);
}

static void own_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, code };

	expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
	expect(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "filter");
	expect(syscall(SYS_getppid) == -1 && errno == EXDEV, "the filter holds");
	tell();
	spawn_exec();
}

static volatile int trapped;

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	ucontext_t *caught = context;

	expect(signal == SIGSYS && info->si_syscall == SYS_getppid, "the program's own trap");
	caught->uc_mcontext.gregs[REG_RAX] = 4711;
	trapped = 1;
}

/* The child sets all signals back, in its parent's memory. */
static void spawn_without_handlers(void)
{
	posix_spawnattr_t attributes;
	sigset_t all;
	pid_t pid = -1;

	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&attributes, &all);
	expect(posix_spawn(&pid, self, NULL, &attributes, told(), environ) == 0, "spawn");
	await_child(pid);
}

/* A child sees what it has set itself, its parent does not. */
static void set_in_vfork(void)
{
	struct sigaction old;
	pid_t pid = vfork();

	if (pid == 0) {
		signal(SIGSYS, SIG_IGN);
		sigaction(SIGSYS, NULL, &old);
		_exit(old.sa_handler == SIG_IGN ? 0 : 5);
	}
	await_child(pid);
}

static void own_trap(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, code };
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO }, old;
	int status = 0;

	expect(sigaction(SIGSYS, &action, NULL) == 0, "take SIGSYS");
	expect(sigaction(SIGSYS, NULL, &old) == 0 && old.sa_sigaction == on_sigsys, "it reads back");
	expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
	expect(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "filter");
	expect(syscall(SYS_getppid) == 4711 && trapped, "the handler's result");
	tell();
	spawn_without_handlers();
	set_in_vfork();
	expect(sigaction(SIGSYS, NULL, &old) == 0 && old.sa_sigaction == on_sigsys, "it is kept");
	expect(syscall(SYS_getppid) == 4711, "the handler's result, again");
	if (fork() == 0) {
		expect(syscall(SYS_getppid) == 4711, "a copy's result");
		signal(SIGSYS, SIG_DFL);
		syscall(SYS_getppid);
	}
	expect(wait(&status) > 0 && WTERMSIG(status) == SIGSYS, "a copy has its own");
	expect(syscall(SYS_getppid) == 4711, "the handler's result, at last");
}

static void all_blocked(void)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	tell();
	expect(sigprocmask(SIG_SETMASK, NULL, &before) == 0 && sigismember(&before, SIGUSR1), "others stay blocked");
	spawn_exec();
}

static void reset_sigsys(void)
{
	struct sigaction old;

	signal(SIGSYS, SIG_DFL);
	tell();
	signal(SIGSYS, SIG_IGN);
	expect(sigaction(SIGSYS, NULL, &old) == 0 && old.sa_handler == SIG_IGN, "it reads back");
	tell();
	for (int i = 1; i < 65; i++)
		signal(i, SIG_DFL);
	tell();
}

static void clear_handlers(void)
{
	struct clone_args arguments = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &arguments, sizeof arguments);

	if (pid < 0 && errno == ENOSYS)
		pid = fork();
	if (pid == 0) {
		tell();
		_exit(0);
	}
	await_child(pid);
}

static void *fetch_signal(void *argument)
{
	struct signalfd_siginfo info;

	return (void *)(long)(read(*(int *)argument, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : -1);
}

/* Who fetches all signals gets those that are sent, and no trap. */
static void fetched_signals(void)
{
	pthread_t thread;
	sigset_t all;
	void *fetched;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	fd = signalfd(-1, &all, 0);
	pthread_create(&thread, NULL, fetch_signal, &fd);
	for (int i = 0; i < 100; i++)
		syscall(SYS_getrandom, &all, 8, 0);
	kill(getpid(), SIGUSR1);
	pthread_join(thread, &fetched);
	expect((long)fetched == SIGUSR1, "the signal that was sent");
	tell();
}

static void *read_clock(void *argument)
{
	struct timespec now;

	for (int i = 0; i < 20; i++)
		syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	*(long *)argument = now.tv_sec;
	return NULL;
}

static void many_threads(void)
{
	enum { COUNT = 1000 };
	static pthread_t threads[COUNT];
	static long seconds[COUNT];
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (int i = 0; i < COUNT; i++)
		expect(pthread_create(&threads[i], &small, read_clock, &seconds[i]) == 0, "create");
	for (int i = 0; i < COUNT; i++)
		pthread_join(threads[i], NULL);
	for (int i = 1; i < COUNT; i++)
		expect(seconds[i] == seconds[0], "all see one time");
	tell();
}

static void tell_in_handler(int signal)
{
	struct stat status;

	(void)signal;
	tell();
	expect(stat("/", &status) == 0, "stat");
}

static void small_stack(void)
{
	static char memory[8192];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory }, old;
	struct sigaction action = { .sa_handler = tell_in_handler, .sa_flags = SA_ONSTACK };

	expect(sigaltstack(&stack, NULL) == 0, "sigaltstack");
	expect(sigaltstack(NULL, &old) == 0 && old.ss_sp == memory, "it reads back");
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

/* Each call waits with a mask of which only SIGALRM is left out. */
static void wait_by_ppoll(const sigset_t *mask)
{
	ppoll(NULL, 0, NULL, mask);
}

static void wait_by_pselect(const sigset_t *mask)
{
	pselect(0, NULL, NULL, NULL, NULL, mask);
}

static void wait_by_epoll(const sigset_t *mask)
{
	struct epoll_event event;

	epoll_pwait(epoll_create1(0), &event, 1, -1, mask);
}

static void wait_by_new_epoll(const sigset_t *mask)
{
	struct epoll_event event;

	syscall(SYS_epoll_pwait2, epoll_create1(0), &event, 1, NULL, mask, 8);
}

static void wait_by_events(const sigset_t *mask)
{
	const struct { const sigset_t *mask; size_t size; } masked = { mask, 8 };
	unsigned long context = 0;
	char event[32];

	expect(syscall(SYS_io_setup, 1, &context) == 0, "io_setup");
	syscall(SYS_io_pgetevents, context, 1, 1, event, NULL, &masked);
	syscall(SYS_io_destroy, context);
}

static void wait_by_suspending(const sigset_t *mask)
{
	sigsuspend(mask);
}

static char below_stack[8192], low_stack[8192];

static void use_much_stack(int signal)
{
	char bytes[6000];

	memset(bytes, 1, sizeof bytes);
	__asm__ volatile("" : : "r"(bytes) : "memory");
	(void)signal;
}

static void use_little_stack(int signal)
{
	char bytes[3000];

	memset(bytes, 1, sizeof bytes);
	__asm__ volatile("" : : "r"(bytes) : "memory");
	(void)signal;
}

/* Handlers that interrupt calls: on the stack of those that wait, and on an alternate one that has room for them only. */
static void small_stack_in_waits(void)
{
	stack_t stack = { .ss_sp = low_stack, .ss_size = sizeof low_stack };
	struct sigaction action = { .sa_handler = use_much_stack };
	struct itimerval soon = { .it_value.tv_usec = 50000 };

	expect(sigaltstack(&stack, NULL) == 0, "sigaltstack");
	for (int way = 0; way < 2; way++) {
		action.sa_handler = way ? use_little_stack : use_much_stack;
		action.sa_flags = way ? SA_ONSTACK : 0;
		sigaction(SIGALRM, &action, NULL);
		setitimer(ITIMER_REAL, &soon, NULL);
		expect(sleep(5) > 0, "the sleep is interrupted");
		for (size_t i = 0; i < sizeof below_stack; i++)
			expect(below_stack[i] == 0, "nothing is written below the stack");
	}
	tell();
}

static void full_handler_mask(void)
{
	static void (*const waits[])(const sigset_t *) = {
		wait_by_suspending, wait_by_ppoll, wait_by_pselect, wait_by_epoll, wait_by_new_epoll, wait_by_events,
	};
	struct sigaction action = { .sa_handler = tell_in_handler }, old;
	sigset_t mask;

	sigfillset(&action.sa_mask);
	sigaction(SIGUSR1, &action, NULL);
	spawn_without_handlers();
	expect(sigaction(SIGUSR1, NULL, &old) == 0 && sigismember(&old.sa_mask, SIGSYS), "it reads back");
	raise(SIGUSR1);
	sigaction(SIGALRM, &action, NULL);
	sigfillset(&mask);
	sigdelset(&mask, SIGALRM);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		ualarm(20000, 0);
		waits[i](&mask);
		expect(errno == EINTR, "a signal ends the wait");
		errno = 0;
	}
}

static sigjmp_buf back;

static void leap(int signal)
{
	(void)signal;
	siglongjmp(back, 1);
}

static void leap_out(void)
{
	struct timespec long_time = { 100, 0 };

	signal(SIGALRM, leap);
	for (volatile int i = 0; i < 3; i++) {
		if (sigsetjmp(back, 1) == 0) {
			ualarm(10000, 0);
			syscall(SYS_nanosleep, &long_time, NULL);
			expect(0, "the sleep is left");
		}
	}
	tell();
}

static void bad_pointers(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *bad[] = { NULL, (void *)8, page + 4096 };

	munmap(page + 4096, 4096);
	for (int i = 0; i < 3; i++) {
		expect(syscall(SYS_clock_gettime, 0, bad[i]) == -1 && errno == EFAULT, "clock_gettime");
		expect(syscall(SYS_stat, "/", bad[i]) == -1 && errno == EFAULT, "stat");
		expect(syscall(SYS_stat, bad[i], page) == -1 && errno == EFAULT, "stat's path");
		expect(syscall(SYS_nanosleep, bad[i], NULL) == -1 && errno == EFAULT, "nanosleep");
		expect(syscall(SYS_getrandom, bad[i], 16, 0) == -1 && errno == EFAULT, "getrandom");
		expect(syscall(SYS_uname, bad[i]) == -1 && errno == EFAULT, "uname");
		expect(syscall(SYS_execve, bad[i], bad[i], bad[i]) == -1 && errno == EFAULT, "execve");
		expect(syscall(SYS_openat, AT_FDCWD, bad[i], 0) == -1 && errno == EFAULT, "openat");
	}
	expect(syscall(SYS_stat, "/", page + 4096 - 140) == -1 && errno == EFAULT, "stat over the edge");
	expect(syscall(SYS_rt_sigprocmask, 0, (void *)8, NULL, 8) == -1 && errno == EFAULT, "sigprocmask");
	expect(syscall(SYS_rt_sigaction, SIGUSR1, (void *)8, NULL, 8) == -1 && errno == EFAULT, "sigaction");
	tell();
}

static void refused(void)
{
	static const int numbers[] = { SYS_io_uring_setup, SYS_perf_event_open, SYS_userfaultfd, SYS_rseq, 460, 511, 600, -7 };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		expect(syscall(numbers[i], 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS, "ENOSYS");
	expect(syscall(0x40000000 | SYS_getpid) == -1 && errno == ENOSYS, "x32");
	tell();
}

static void vsyscall(void)
{
	long (*time_by_vsyscall)(long *) = (long (*)(long *))0xffffffffff600400;

	printf("%s: %ld\n", name, time_by_vsyscall(NULL));
}

static void deep_fork(void)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid) {
			await_child(pid);
			_exit(0);
		}
	}
	tell();
}

static void fill_mask(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info;
	sigfillset(&((ucontext_t *)context)->uc_sigmask);
}

/* What a handler leaves in its frame is the mask from then on. */
static void own_mask(void)
{
	struct sigaction action = { .sa_sigaction = fill_mask, .sa_flags = SA_SIGINFO };
	sigset_t now;

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	tell();
	expect(sigprocmask(SIG_SETMASK, NULL, &now) == 0 && sigismember(&now, SIGUSR2), "others are blocked");
	expect(sigismember(&now, SIGSYS) == 0, "the trap is not");
	sigemptyset(&now);
	sigprocmask(SIG_SETMASK, &now, NULL);
	/* The frame of a trap of the program's own. */
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGSYS, &action, NULL);
	raise(SIGSYS);
	tell();
}

static void raw_clone(void)
{
	static const long calls[] = { SYS_clone, SYS_fork };

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		long pid = syscall(calls[i], calls[i] == SYS_clone ? SIGCHLD : 0, 0, 0, 0, 0);

		if (pid == 0) {
			tell();
			_exit(0);
		}
		await_child(pid);
	}
}

enum { BUSY = 4 };
static volatile int busy = 1;

static void *keep_listing(void *argument)
{
	char piece[128];

	while (busy) {
		int fd = open("/usr/lib", O_RDONLY | O_DIRECTORY);

		for (int i = 0; i < 20; i++)
			syscall(SYS_getdents64, fd, piece, sizeof piece);
		close(fd);
	}
	return argument;
}

/* In pieces, which takes the lock of a directory that is being read. */
static long list_in_pieces(void)
{
	char piece[512];
	int fd = open("/usr/lib", O_RDONLY | O_DIRECTORY);
	long got, sum = 0;

	while ((got = syscall(SYS_getdents64, fd, piece, sizeof piece)) > 0)
		sum += got;
	expect(got == 0, "list");
	close(fd);
	return sum;
}

/* A thread that holds a lock is not in the child, the lock is. */
static void fork_under_lock(void)
{
	pthread_t threads[BUSY];
	long before = list_in_pieces();

	for (int i = 0; i < BUSY; i++)
		pthread_create(&threads[i], NULL, keep_listing, NULL);
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(list_in_pieces() == before ? 0 : 5);
		await_child(pid);
	}
	busy = 0;
	for (int i = 0; i < BUSY; i++)
		pthread_join(threads[i], NULL);
	tell();
}

static void *load(void *argument)
{
	static const char *const libraries[] = { "libm.so.6", "libresolv.so.2", "libgcc_s.so.1", "libstdc++.so.6" };

	for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
		dlopen(libraries[i], RTLD_NOW);
	read_clock(argument);
	return NULL;
}

/* One makes the copy of a library's code that all map, while others map and run it. */
static void load_at_once(void)
{
	enum { COUNT = 16 };
	static pthread_t threads[COUNT];
	static long seconds[COUNT];

	for (int i = 0; i < COUNT; i++)
		pthread_create(&threads[i], NULL, load, &seconds[i]);
	for (int i = 0; i < COUNT; i++)
		pthread_join(threads[i], NULL);
	for (int i = 1; i < COUNT; i++)
		expect(seconds[i] == seconds[0], "all see one time");
	tell();
}

static void few_descriptors(void)
{
	system("ulimit -n 5; exec 3</dev/null; ./entries told few-descriptors");
}

static void told_once(void)
{
	tell();
}

static const struct way {
	const char *name;
	void (*go)(void);
} ways[] = {
	{ "told", told_once }, { "thread-exec", thread_exec }, { "vfork", vfork_exec }, { "posix-spawn", spawn_exec },
	{ "execveat-memfd", execveat_memfd }, { "script", script }, { "daemon", daemonised },
	{ "own-filter", own_filter }, { "own-trap", own_trap }, { "all-blocked", all_blocked },
	{ "reset-sigsys", reset_sigsys }, { "clear-handlers", clear_handlers }, { "many-threads", many_threads },
	{ "small-stack", small_stack }, { "waits-on-small-stack", small_stack_in_waits }, { "full-handler-mask", full_handler_mask }, { "leap-out", leap_out },
	{ "bad-pointers", bad_pointers }, { "refused", refused }, { "vsyscall", vsyscall }, { "deep-fork", deep_fork },
	{ "few-descriptors", few_descriptors }, { "own-mask", own_mask }, { "raw-clone", raw_clone },
	{ "signalfd", fetched_signals }, { "fork-under-lock", fork_under_lock }, { "load-at-once", load_at_once },
};

int main(int argc, char **argv)
{
	self = realpath("/proc/self/exe", NULL);
	if (argc > 1 && strcmp(argv[1], "told") == 0) {
		name = argc > 2 ? argv[2] : "told";
		tell();
		return 0;
	}
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (argc > 1 && strcmp(argv[1], ways[i].name) != 0)
			continue;
		name = ways[i].name;
		fflush(stdout);
		if (fork() == 0) {
			ways[i].go();
			fflush(stdout);
			_exit(0);
		}
		int status;

		wait(&status);
		if (status)
			printf("%s: failed with status %x\n", name, status);
	}
	return 0;
}
