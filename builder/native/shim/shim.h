#ifndef SHIM_H
#define SHIM_H

#include <errno.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
#include <ucontext.h>

#include "../tracer/layout.h"
#include "syscall.h"

/* All of the shim is one piece: nothing is looked up in a table. */
#pragma GCC visibility push(hidden)

/* One system call of the program. */
struct call {
	long nr;
	unsigned long args[6];
	/* The program's registers and signal mask where a trap caught it. */
	ucontext_t *context;
};

typedef long handler(const struct call *call);

/* What the kernel takes for a signal's action. */
struct kernel_action {
	unsigned long handler;
	unsigned long flags;
	unsigned long restorer;
	uint64_t mask;
};

/* What a program has set for signals that are ours, and for which signals its masks named SIGSYS. */
struct own_actions {
	int32_t pid;
	struct kernel_action sigsys;
	/* Where it is ours. */
	struct kernel_action sigsegv;
	uint64_t masks;
};

/* Random bytes: a key and how many words were taken. */
struct stream {
	uint64_t key[2];
	uint64_t taken;
	int32_t pid;
};

/* A thread, known by its thread pointer. */
struct thread {
	unsigned long pointer;
	int64_t waited;
	uint32_t reads;
	uint32_t usage_reads;
	uint64_t tsc_reads;
	struct stream stream;
};

/* A directory that is being read piecemeal: by which descriptor, and where whoever reads it will go on. */
struct snapshot {
	uint64_t device;
	uint64_t inode;
	char *entries;
	size_t size;
	uint32_t count;
	int32_t fd;
	uint64_t next;
};

/* Where one is kept between two reads; only who has made it busy looks into it or changes it. */
struct snapshot_slot {
	/* 0: free, 1: busy, 2: full. */
	uint32_t use;
	/* The latest is the greatest. */
	uint32_t age;
	struct snapshot shot;
};

/* Room for a directory of a few dozen entries while it is served; one thread uses it at a time. */
struct small_room {
	uint32_t is_taken;
	_Alignas(8) char bytes[1 << 13];
};

enum { THREADS = 1 << 10, SNAPSHOTS = 1 << 7, TIMERS = 1 << 10 };

/* What one process remembers; copied at fork. */
struct state {
	unsigned long vdso;
	uint32_t program;
	/* What a thread has waited that nobody knows yet. */
	int64_t waited;
	/* How often the clock was read before this image. */
	uint32_t reads_before;
	/* The random stream of this image. */
	uint64_t stream[2];
	struct own_actions actions;
	/* Those of the latest child that has set any while it used this memory. */
	struct own_actions borrowed;
	/* How many slots were ever used, and snapshots kept. */
	uint32_t snapshot_end;
	uint32_t snapshot_age;
	/* Whether this process has the texts that others have made, and of which it has taken its own mapping. */
	uint32_t has_texts;
	uint64_t texts_taken[TEXT_SLOTS / 64];
	struct snapshot_slot snapshots[SNAPSHOTS];
	struct small_room small;
	struct thread threads[THREADS];
	/* Which clock each timer was made with, as far as it fits a byte: others are none of ours. */
	uint8_t timer_clocks[TIMERS];
};

_Static_assert(sizeof(struct state) <= SHIM_STATE_SIZE, "the state fits its range");

#define state ((struct state *)SHIM_STATE)
#define shared ((struct shared *)SHIM_SHARED)
#define settings (&((const struct shim_settings *)SHIM_SETTINGS)->settings)
#define facts (&((const struct shim_settings *)SHIM_SETTINGS)->facts)
#define loaders (&((const struct shim_settings *)SHIM_SETTINGS)->loaders)

/* Whether a class is left as the host has it. */
#define is_relaxed(class) (settings->relaxed >> (class) & 1)

#define SECOND 1000000000ll

/* Eight bytes anywhere. */
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

/* memory.c */
void copy(void *to, const void *from, size_t size);
void clear(void *to, size_t size);
size_t length(const char *text);
int compare(const char *a, const char *b);
int starts_with(const char *text, const char *start);
/* Whether the kernel could write or read there; EFAULT is then the call's result. */
int can_write(const void *to, size_t size);
int can_read(const void *from, size_t size);

/* dispatch.c */
long dispatch(const struct call *call);
/* Whether it is one of those that may wait for long. */
int may_wait(long nr);

/* programs.c */
uint32_t find_program(const char *path);
void count_for(uint32_t program, enum class class);
/* For this one. */
void count(enum class class);

/* threads.c */
struct thread *this_thread(void);

/* The kernel's siginfo, as far as it matters for a trap. */
struct trap_info {
	int signal;
	int mark;
	int code;
	int pad;
	void *ip;
	int nr;
	unsigned arch;
};

/* trap.c */
#define TRAP_FLAGS (SA_SIGINFO | SA_NODEFER | 0x04000000)
void install_trap(void);
void restore_from_trap(void);
/* A signal that is not ours goes to the program's own action. */
void pass_on(int signal, struct trap_info *info, ucontext_t *context);

/* frames.c: ends a signal's handler. */
_Noreturn void return_to(const ucontext_t *frame);

/* Below what the program may use without having said so. */
enum { RED_ZONE = 128 };

/* actions.c: of this process; what is to be set must not reach a parent that lends its memory. */
struct own_actions *own_actions(void);
struct own_actions *own_actions_to_set(void);
void forget_borrowed_actions(int pid);
struct kernel_action *own_action(struct own_actions *actions, int signal);

/* signals.c: a signal mask without what must not be blocked. */
uint64_t strip_mask(uint64_t mask);

/* tsc.c: the time stamp counter, where it is trapped. */
void install_tsc_trap(void);
void set_tsc_trap(int on);
/* Whether the vDSO may be called: it reads the counter. */
int can_call_vdso(void);

/* time.c */
int64_t real_now(void);
int64_t own_now(void);
void add_wait(int64_t nanoseconds);
struct timespec make_time(int64_t nanoseconds);

/* waits.c: the real deadline for one of a clock that the thread sees. */
struct timespec rebase(clockid_t clock, const struct timespec *deadline);

/* inodes.c */
uint32_t inode_number(uint64_t key, uint32_t birth);
/* Whether one was given to a file that was looked at, and not only listed. */
int was_looked_at(uint64_t key);
/* Fetches what inode_number will look at. */
void prefetch_inode(uint64_t key);
uint64_t inode_key(uint64_t inode, uint64_t device, uint64_t mount);
uint64_t mix(uint64_t value);

/* files.c: what else a kernel tells of a file is its file system's affair. */
enum { KNOWN_FIELDS = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID };
int is_input(const struct statx *file);
/* Tells files apart that have had the same inode. */
uint32_t birth_of(const struct statx *file);

/* machine.c: what a process has used, which is not told. */
void hide_usage(struct rusage *usage);

/* random.c */
void derive_stream(uint64_t stream[2], uint64_t with);
void fill_random(unsigned char *to, size_t size);
/* Makes other bytes of random ones. */
void stir(unsigned char *bytes, size_t size);

/* process.c */
struct process_slot *find_process(int pid, int make);

/* patch.c: code whose system calls reach us without a trap. */
int is_text_ready(uint64_t key, size_t size);
int patch_text(uint64_t key, unsigned long at, size_t size);
/* 0 for none. */
uint64_t text_key(const unsigned char *header, const struct statx *file);

enum { HEADER_SIZE = 1024, IDENTITY_FIELDS = STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME | STATX_BTIME };

/* loaders.c: makes of what is known of a covered loader, the KNOWN_FIELDS, what there is to know of the original. */
void show_original(struct statx *file);
/* Opens it in the place of `fd`, if that is a covered loader. */
long open_original(long fd, int flags);
/* Opens the code of a library that was prepared, where all of what a mapping of `size` bytes at `offset` shows is that. */
long open_library(long fd, uint64_t offset, size_t size);

/* substitutes.c: by the last name of a path first, for most files have another; then by the kernel's own path. */
int is_substituted_name(const char *name);
long substitute(const char *path, long fd, int flags);

handler handle_clock_gettime, handle_gettimeofday, handle_time;
handler handle_nanosleep, handle_clock_nanosleep, handle_futex, handle_poll, handle_select, handle_epoll_wait;
handler handle_timer_create, handle_timer_settime, handle_timerfd_settime, handle_mq_timedsend, handle_mq_timedreceive;
handler handle_rt_sigtimedwait;
handler handle_stat, handle_lstat, handle_fstat, handle_newfstatat, handle_statx, handle_statfs, handle_fstatfs;
handler handle_shmctl, handle_semctl, handle_msgctl;
handler handle_getdents, handle_getdents64, handle_getrandom;
handler handle_uname, handle_sysinfo, handle_sched_getaffinity, handle_sched_setaffinity, handle_getcpu;
handler handle_getpriority, handle_setpriority, handle_sched_getattr, handle_sched_setattr;
handler handle_getgroups, handle_mmap, handle_personality, handle_prctl, handle_open, handle_openat, handle_getrusage, handle_times;
handler handle_rt_sigaction, handle_rt_sigprocmask, handle_rt_sigsuspend, handle_sigaltstack;
handler handle_rt_sigreturn;
handler handle_ppoll, handle_pselect6, handle_epoll_pwait, handle_epoll_pwait2, handle_io_pgetevents;
handler handle_execve, handle_execveat, handle_wait4, handle_waitid;

#pragma GCC visibility pop

#endif
