/*
 * Brings the shim into a fresh image, at its first system call. The code behind that call is overwritten by a
 * few instructions that map the shim and jump into it; the shim restores them and makes the call itself.
 */
#include "catch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "layout.h"
#include "newer.h"
#include "tracer.h"

/*
 * Maps the image (its descriptor is in eax) at SHIM_BASE and enters it; the handover's number is on the stack.
 * PROT_SEM means nothing but that the filter does not take this for a library's code.
 */
static const unsigned char boot[] = {
	0x48, 0x8d, 0x64, 0x24, 0x80,                   /* lea -128(%rsp),%rsp: the red zone */
	0x57, 0x56, 0x52,                               /* push %rdi, %rsi, %rdx */
	0x41, 0x52, 0x41, 0x50, 0x41, 0x51,             /* push %r10, %r8, %r9 */
	0x68, 0, 0, 0, 0,                               /* push $handover */
	0x41, 0x89, 0xc0,                               /* mov %eax,%r8d */
	0x48, 0xbf, 0, 0, 0, 0x80, 0xff, 0x7f, 0, 0,    /* movabs $SHIM_BASE,%rdi */
	0xbe, 0x00, 0x00, 0x01, 0x00,                   /* mov $SHIM_IMAGE_SIZE,%esi */
	0xba, 0x0d, 0, 0, 0,                            /* mov $PROT_READ|PROT_EXEC|PROT_SEM,%edx */
	0x41, 0xba, 0x02, 0x00, 0x10, 0x00,             /* mov $MAP_PRIVATE|MAP_FIXED_NOREPLACE,%r10d */
	0x45, 0x31, 0xc9,                               /* xor %r9d,%r9d */
	0xb8, 0x09, 0, 0, 0,                            /* mov $SYS_mmap,%eax */
	0x0f, 0x05,                                     /* syscall */
	0xff, 0xe0,                                     /* jmp *%rax */
};

enum { HANDOVER_OPERAND = 15 };

_Static_assert(sizeof boot <= BOOT_SIZE, "the boot code fits a handover");
_Static_assert(SHIM_BASE == 0x7fff80000000ul && SHIM_IMAGE_SIZE == 0x10000, "the boot code names them");

static int open_memory(const struct tracer *tracer, const struct seccomp_notif *call)
{
	char path[32];

	snprintf(path, sizeof path, "%u/mem", call->pid);
	return openat(tracer->proc, path, O_RDWR | O_CLOEXEC);
}

int is_caught(const struct seccomp_notif *call)
{
	char byte;
	const struct iovec to = { &byte, 1 }, from = { (void *)SHIM_BASE, 1 };

	return process_vm_readv(call->pid, &to, 1, &from, 1, 0) == 1;
}

/* Code is forced in where the program may not write it. */
static int write_boot(const struct seccomp_notif *call, int memory, const unsigned char *code, struct handover *handover)
{
	const struct iovec from = { (void *)code, sizeof boot }, to = { (void *)handover->ip, sizeof boot };
	ssize_t done;

	handover->writable = process_vm_writev(call->pid, &from, 1, &to, 1, 0) == sizeof boot;
	if (handover->writable)
		return 0;
	done = pwrite(memory, code, sizeof boot, handover->ip);
	if (done >= 0 && done != sizeof boot)
		errno = EIO;
	return done == sizeof boot ? 0 : -1;
}

static int catch_with(struct tracer *tracer, const struct seccomp_notif *call, int memory)
{
	unsigned index = tracer->next_handover++ % HANDOVERS;
	struct handover *handover = &tracer->shared->handovers[index];
	struct seccomp_notif_addfd image = {
		.id = call->id, .srcfd = tracer->image, .flags = SECCOMP_ADDFD_FLAG_SEND,
	};
	unsigned char code[sizeof boot];

	memcpy(code, boot, sizeof boot);
	memcpy(code + HANDOVER_OPERAND, &index, sizeof index);
	handover->ip = call->data.instruction_pointer;
	handover->nr = call->data.nr;
	if (pread(memory, handover->bytes, sizeof boot, handover->ip) != sizeof boot)
		return errno = ENOEXEC, -1;
	if (write_boot(call, memory, code, handover) < 0)
		return -1;
	/* The descriptor is the call's result: this is the answer as well. */
	return ioctl(tracer->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &image) < 0 ? -1 : 0;
}

int catch_image(struct tracer *tracer, const struct seccomp_notif *call)
{
	int memory = open_memory(tracer, call), result, error;

	if (memory < 0)
		return -1;
	/* Until here the process id may have come to name another process. */
	result = ioctl(tracer->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id);
	if (result == 0)
		result = catch_with(tracer, call, memory);
	error = errno;
	close(memory);
	errno = error;
	return result;
}

/* What the shim writes back. */
_Static_assert(sizeof boot == BOOT_BYTES, "the shim restores as many bytes as were overwritten");
