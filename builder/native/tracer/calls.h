/*
 * The one place a system call is decided. The filter is made from this list and so is the shim's dispatcher;
 * what is not in it is refused with ENOSYS.
 * HANDLE(name, class, tests...) names a handler of the shim. REFUSE(name, error). PASS(name).
 */
#ifndef TRACER_CALLS_H
#define TRACER_CALLS_H

#include "newer.h"

#define SET(n) { .kind = TEST_SET, .arg = n }
#define POSITIVE(n) { .kind = TEST_POSITIVE, .arg = n }
#define NEGATIVE(n) { .kind = TEST_NEGATIVE, .arg = n }
#define EQUAL(n, v) { .kind = TEST_EQUAL, .arg = n, .value = v }
#define ONE_OF(n, m, v) { .kind = TEST_ONE_OF, .arg = n, .mask = m, .value = v }

/* CLOCK_REALTIME, the two CPU clocks, REALTIME_COARSE, REALTIME_ALARM, TAI. */
#define INTERCEPTED_CLOCKS (1u << 0 | 1u << 2 | 1u << 3 | 1u << 5 | 1u << 8 | 1u << 11)
/* SIGSEGV, SIGSYS. */
#define OWN_SIGNALS (1u << 11 | 1u << 31)
/* PR_GET_TSC, PR_SET_TSC. */
#define TSC_OPTIONS (1u << 25 | 1u << 26)
/* FUTEX_WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2. */
#define FUTEX_WAITS (1u << 0 | 1u << 6 | 1u << 9 | 1u << 11 | 1u << 13)

/* IPC_STAT; SHM_STAT, SHM_STAT_ANY; SEM_STAT, SEM_STAT_ANY; MSG_STAT, MSG_STAT_ANY. */
#define IPC_STATS (1u << 2)
#define SHM_STATS (1u << 13 | 1u << 15)
#define SEM_STATS (1u << 18 | 1u << 20)
#define MSG_STATS (1u << 11 | 1u << 13)

/* What is of one class or another by its arguments, or of two, has none here: its handler says so. */
#define HANDLED_CALLS(HANDLE, HANDLE_ANY) \
	HANDLE_ANY(clock_gettime, NONE, ONE_OF(0, ~0u, INTERCEPTED_CLOCKS), NEGATIVE(0)) \
	HANDLE(gettimeofday, CLOCK, SET(0)) \
	HANDLE(time, CLOCK) \
	HANDLE(nanosleep, WAIT) \
	HANDLE(clock_nanosleep, WAIT) \
	HANDLE(futex, WAIT, ONE_OF(1, 0x7f, FUTEX_WAITS), SET(3)) \
	HANDLE(poll, WAIT, POSITIVE(2)) \
	HANDLE(select, WAIT, SET(4)) \
	HANDLE(epoll_wait, WAIT, POSITIVE(3)) \
	HANDLE(timer_create, NONE) \
	HANDLE(timer_settime, WAIT, ONE_OF(1, 1, 1u << 1)) \
	HANDLE(timerfd_settime, WAIT, ONE_OF(1, 1, 1u << 1)) \
	HANDLE(rt_sigtimedwait, WAIT, SET(2)) \
	HANDLE(mq_timedsend, WAIT, SET(4)) \
	HANDLE(mq_timedreceive, WAIT, SET(4)) \
	HANDLE(stat, FILE) \
	HANDLE(lstat, FILE) \
	HANDLE(fstat, FILE) \
	HANDLE(newfstatat, FILE) \
	HANDLE(statx, FILE) \
	HANDLE(statfs, FILE) \
	HANDLE(fstatfs, FILE) \
	HANDLE(shmctl, FILE, ONE_OF(1, ~0u, IPC_STATS | SHM_STATS)) \
	HANDLE(semctl, FILE, ONE_OF(2, ~0u, IPC_STATS | SEM_STATS)) \
	HANDLE(msgctl, FILE, ONE_OF(1, ~0u, IPC_STATS | MSG_STATS)) \
	HANDLE(getdents, NONE) \
	HANDLE(getdents64, NONE) \
	HANDLE(getrandom, RANDOM) \
	HANDLE(uname, MACHINE) \
	HANDLE(sysinfo, MACHINE) \
	HANDLE(sched_getaffinity, MACHINE) \
	HANDLE(sched_setaffinity, MACHINE) \
	HANDLE(getcpu, MACHINE) \
	HANDLE(getgroups, MACHINE) \
	HANDLE(getpriority, MACHINE) \
	HANDLE(setpriority, MACHINE) \
	HANDLE(sched_getattr, MACHINE) \
	HANDLE(sched_setattr, MACHINE) \
	HANDLE(mmap, NONE, EQUAL(2, 5)) \
	HANDLE(personality, NONE) \
	HANDLE(prctl, NONE, ONE_OF(0, ~0u, TSC_OPTIONS)) \
	HANDLE(open, NONE) \
	HANDLE(openat, NONE) \
	HANDLE(getrusage, USAGE) \
	HANDLE(times, USAGE) \
	HANDLE_ANY(rt_sigaction, SIGNAL, SET(1), ONE_OF(0, ~0u, OWN_SIGNALS)) \
	HANDLE(rt_sigprocmask, SIGNAL, SET(1)) \
	HANDLE(rt_sigsuspend, SIGNAL) \
	HANDLE(ppoll, SIGNAL) \
	HANDLE(pselect6, SIGNAL) \
	HANDLE(epoll_pwait, SIGNAL) \
	HANDLE(epoll_pwait2, SIGNAL) \
	HANDLE(io_pgetevents, SIGNAL, SET(5)) \
	HANDLE(sigaltstack, SIGNAL) \
	HANDLE(rt_sigreturn, NONE) \
	HANDLE(execve, PROCESS) \
	HANDLE(execveat, PROCESS) \
	HANDLE(wait4, PROCESS) \
	HANDLE(waitid, PROCESS)

#define REFUSED_CALLS(REFUSE) \
	REFUSE(io_uring_setup, ENOSYS) REFUSE(io_uring_enter, ENOSYS) REFUSE(io_uring_register, ENOSYS) \
	REFUSE(perf_event_open, ENOSYS) REFUSE(userfaultfd, ENOSYS) REFUSE(rseq, ENOSYS) REFUSE(clone3, ENOSYS) \
	REFUSE(adjtimex, EPERM) REFUSE(clock_adjtime, EPERM) REFUSE(clock_settime, EPERM) \
	REFUSE(settimeofday, EPERM) REFUSE(syslog, EPERM) REFUSE(bpf, EPERM) REFUSE(openat2, ENOSYS) \
	REFUSE(name_to_handle_at, EOPNOTSUPP) REFUSE(ustat, ENOSYS) REFUSE(modify_ldt, ENOSYS)

#define PASSED_CALLS(PASS) \
	PASS(read) PASS(write) PASS(close) PASS(lseek) PASS(mprotect) PASS(munmap) \
	PASS(ioctl) PASS(pread64) PASS(pwrite64) PASS(readv) PASS(writev) PASS(access) PASS(pipe) \
	PASS(sched_yield) PASS(mremap) PASS(msync) PASS(mincore) PASS(madvise) PASS(shmget) PASS(shmat) \
	PASS(dup) PASS(dup2) PASS(pause) PASS(getitimer) PASS(alarm) PASS(setitimer) PASS(getpid) PASS(sendfile) \
	PASS(socket) PASS(connect) PASS(accept) PASS(sendto) PASS(recvfrom) PASS(sendmsg) PASS(recvmsg) \
	PASS(shutdown) PASS(bind) PASS(listen) PASS(getsockname) PASS(getpeername) PASS(socketpair) \
	PASS(setsockopt) PASS(getsockopt) PASS(clone) PASS(fork) PASS(vfork) PASS(exit) PASS(exit_group) PASS(kill) PASS(semget) \
	PASS(semop) PASS(shmdt) PASS(msgget) PASS(msgsnd) PASS(msgrcv) PASS(fcntl) \
	PASS(flock) PASS(fsync) PASS(fdatasync) PASS(truncate) PASS(ftruncate) PASS(getcwd) PASS(chdir) PASS(fchdir) \
	PASS(rename) PASS(mkdir) PASS(rmdir) PASS(creat) PASS(link) PASS(unlink) PASS(symlink) PASS(readlink) \
	PASS(chmod) PASS(fchmod) PASS(chown) PASS(fchown) PASS(lchown) PASS(umask) PASS(getrlimit) PASS(ptrace) \
	PASS(getuid) PASS(getgid) PASS(setuid) PASS(setgid) PASS(geteuid) PASS(getegid) PASS(setpgid) PASS(getppid) \
	PASS(getpgrp) PASS(setsid) PASS(setreuid) PASS(setregid) PASS(setgroups) PASS(setresuid) PASS(getresuid) \
	PASS(setresgid) PASS(getresgid) PASS(getpgid) PASS(setfsuid) PASS(setfsgid) PASS(getsid) PASS(capget) \
	PASS(capset) PASS(rt_sigpending) PASS(rt_sigqueueinfo) PASS(utime) PASS(mknod) \
	PASS(sched_setparam) PASS(sched_getparam) \
	PASS(sched_setscheduler) PASS(sched_getscheduler) PASS(sched_get_priority_max) \
	PASS(sched_get_priority_min) PASS(sched_rr_get_interval) PASS(mlock) PASS(munlock) PASS(mlockall) \
	PASS(munlockall) PASS(vhangup) PASS(pivot_root) PASS(setrlimit) PASS(chroot) PASS(sync) \
	PASS(acct) PASS(mount) PASS(umount2) PASS(swapon) PASS(swapoff) PASS(reboot) PASS(sethostname) \
	PASS(setdomainname) PASS(iopl) PASS(ioperm) PASS(init_module) PASS(delete_module) PASS(quotactl) PASS(gettid) \
	PASS(readahead) PASS(setxattr) PASS(lsetxattr) PASS(fsetxattr) PASS(getxattr) PASS(lgetxattr) \
	PASS(fgetxattr) PASS(listxattr) PASS(llistxattr) PASS(flistxattr) PASS(removexattr) PASS(lremovexattr) \
	PASS(fremovexattr) PASS(tkill) PASS(io_setup) PASS(io_destroy) PASS(io_getevents) PASS(io_submit) \
	PASS(io_cancel) PASS(epoll_create) PASS(remap_file_pages) PASS(set_tid_address) PASS(restart_syscall) \
	PASS(semtimedop) PASS(fadvise64) PASS(timer_gettime) PASS(timer_getoverrun) \
	PASS(timer_delete) PASS(clock_getres) PASS(epoll_ctl) PASS(tgkill) PASS(utimes) PASS(mbind) \
	PASS(set_mempolicy) PASS(get_mempolicy) PASS(mq_open) PASS(mq_unlink) PASS(mq_notify) PASS(mq_getsetattr) \
	PASS(add_key) PASS(request_key) PASS(keyctl) PASS(ioprio_set) PASS(ioprio_get) PASS(inotify_init) \
	PASS(inotify_add_watch) PASS(inotify_rm_watch) PASS(migrate_pages) PASS(mkdirat) PASS(mknodat) \
	PASS(fchownat) PASS(futimesat) PASS(unlinkat) PASS(renameat) PASS(linkat) PASS(symlinkat) PASS(readlinkat) \
	PASS(fchmodat) PASS(faccessat) PASS(unshare) PASS(set_robust_list) PASS(get_robust_list) PASS(splice) \
	PASS(tee) PASS(sync_file_range) PASS(vmsplice) PASS(move_pages) PASS(utimensat) PASS(signalfd) \
	PASS(timerfd_create) PASS(eventfd) PASS(fallocate) PASS(timerfd_gettime) PASS(accept4) PASS(signalfd4) \
	PASS(eventfd2) PASS(epoll_create1) PASS(dup3) PASS(pipe2) PASS(inotify_init1) PASS(preadv) PASS(pwritev) \
	PASS(rt_tgsigqueueinfo) PASS(recvmmsg) PASS(fanotify_init) PASS(fanotify_mark) PASS(prlimit64) \
	PASS(syncfs) PASS(sendmmsg) PASS(setns) PASS(process_vm_readv) PASS(process_vm_writev) PASS(kcmp) \
	PASS(renameat2) PASS(seccomp) PASS(memfd_create) PASS(membarrier) \
	PASS(mlock2) PASS(copy_file_range) PASS(preadv2) PASS(pwritev2) PASS(pkey_mprotect) PASS(pkey_alloc) \
	PASS(pkey_free) PASS(pidfd_send_signal) PASS(open_tree) PASS(move_mount) PASS(fsopen) \
	PASS(fsconfig) PASS(fsmount) PASS(fspick) PASS(pidfd_open) PASS(close_range) PASS(pidfd_getfd) \
	PASS(faccessat2) PASS(process_madvise) PASS(mount_setattr) PASS(landlock_create_ruleset) \
	PASS(landlock_add_rule) PASS(landlock_restrict_self) PASS(process_mrelease) PASS(set_mempolicy_home_node) \
	PASS(fchmodat2)

#endif
