/* The side of the tracer that stays outside: it sees each image that no loader of ours starts, at its first system call. */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "catch.h"
#include "filter.h"
#include "image.h"
#include "newer.h"

/* What the kernel dates files by. It lags behind the real time by up to a tick, and a late tick by more. */
static int64_t file_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* A time that every later file reaches, and no earlier one if the newest of them is of `newest`. */
static int64_t start_after(int64_t newest)
{
	static const struct timespec pause = { .tv_nsec = 100 * 1000 };
	int64_t before = file_clock(), now = before;

	/* Files of this very tick may be earlier or later. */
	while (before <= newest && now == before) {
		nanosleep(&pause, NULL);
		now = file_clock();
	}
	return now;
}

struct tracer_settings tracer_defaults(int64_t epoch, int64_t newest)
{
	return (struct tracer_settings){
		.epoch = epoch,
		.start = start_after(newest),
		.clock_shift = 20,
		.file_shift = 20,
		.seed = { 0x73746f7265, 1 },
		.cpus = 8,
		.memory = 8ull << 30,
		.release = "6.6.0",
		.version = "#1 SMP PREEMPT_DYNAMIC",
		.hostname = "localhost",
		.niceness = getpriority(PRIO_PROCESS, 0),
	};
}

void tracer_open(struct tracer *tracer, const struct tracer_settings *settings, int proc)
{
	*tracer = (struct tracer){
		.settings = *settings, .image = -1, .listener = -1, .proc = proc, .complaints = STDERR_FILENO,
	};
}

/* What the child hands over: the listener and the image. */
enum { LISTENER, IMAGE, HANDED };

union handed {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(HANDED * sizeof(int))];
};

static int hand_over(int socket, const int files[HANDED])
{
	union handed control = { .header = { CMSG_LEN(HANDED * sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec byte = { "", 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control,
	};

	memcpy(CMSG_DATA(&control.header), files, HANDED * sizeof(int));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

int tracer_prepare_child(const struct tracer *tracer, int socket)
{
	struct sigaction none = { .sa_handler = SIG_DFL };
	sigset_t set;
	int listener;

	sigaction(SIGSYS, &none, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	listener = install_filter();
	if (listener < 0 || hand_over(socket, (const int[HANDED]){ listener, tracer->image }) < 0)
		return -1;
	return close(listener);
}

int tracer_exec(const char *path, char *const argv[], char *const envp[])
{
	return syscall(SYS_execve, path, argv, envp, 0, 0, FIRST_EXEC);
}

int tracer_accept(struct tracer *tracer, int socket)
{
	union handed control;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control,
	};
	int files[HANDED];

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || message.msg_controllen < CMSG_LEN(sizeof files))
		return errno = EPROTO, -1;
	memcpy(files, CMSG_DATA(&control.header), sizeof files);
	tracer->listener = files[LISTENER];
	tracer->image = files[IMAGE];
	tracer->shared = map_shared(tracer->image);
	if (!tracer->shared)
		return tracer->untraceable = errno, -1;
	/* Older kernels lack this; it only makes the answer faster. */
	ioctl(tracer->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	return 0;
}

static void end_process(const struct tracer *tracer, const struct seccomp_notif *call, const char *reason)
{
	dprintf(tracer->complaints, "ended %u %s\n", call->pid, reason);
	kill(call->pid, SIGKILL);
}

/* Lets the call proceed. */
static void answer(const struct tracer *tracer, const struct seccomp_notif *call)
{
	struct seccomp_notif_resp response = { .id = call->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	ioctl(tracer->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* What a program brings about by itself: code that cannot be overwritten, limits it has set. */
static const char *fault_of_program(int error)
{
	switch (error) {
	case ENOEXEC: return "the shim cannot be brought in: its code ends where it begins";
	case EMFILE: return "the shim cannot be brought in: it may not open another file";
	case ENOMEM: return "the shim cannot be brought in: it may have no more memory";
	default: return NULL;
	}
}

/* A process that has ended meanwhile is no failure. */
static void heed_failure(struct tracer *tracer, const struct seccomp_notif *call, int error)
{
	if (ioctl(tracer->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) < 0)
		return;
	if (fault_of_program(error)) {
		end_process(tracer, call, fault_of_program(error));
		return;
	}
	if (!tracer->untraceable)
		tracer->untraceable = error;
	end_process(tracer, call, "the shim cannot be brought in");
}

/* What the shim has tried in vain. */
static int is_given_up(const struct seccomp_notif *call)
{
	return call->data.nr == SYS_brk && call->data.args[1] == GIVE_UP && call->data.instruction_pointer == SHIM_OUTCRY + 2;
}

static void handle(struct tracer *tracer, const struct seccomp_notif *call)
{
	if (call->data.arch != AUDIT_ARCH_X86_64)
		end_process(tracer, call, "it runs 32-bit code");
	else if (is_given_up(call))
		heed_failure(tracer, call, call->data.args[2]);
	else if (is_caught(call))
		answer(tracer, call);
	else if (catch_image(tracer, call) < 0)
		heed_failure(tracer, call, errno);
}

int tracer_problem(const struct tracer *tracer)
{
	if (tracer->untraceable || !tracer->shared)
		return tracer->untraceable;
	return tracer->shared->refusal;
}

int tracer_step(struct tracer *tracer)
{
	struct seccomp_notif call = { 0 };

	if (ioctl(tracer->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0)
		handle(tracer, &call);
	else if (errno != EINTR && errno != ENOENT)
		return -1;
	return 0;
}
