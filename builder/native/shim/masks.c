/* Waits that come with a signal mask: SIGSYS is taken out of it. */
#include "shim.h"

enum { MILLION = 1000000 };

/* The mask without SIGSYS, in `stripped`. One that is of no use is the kernel's to refuse, in its order. */
static const uint64_t *strip(const uint64_t *mask, size_t size, uint64_t *stripped)
{
	if (!mask || size != sizeof *mask || !can_read(mask, sizeof *mask))
		return mask;
	*stripped = strip_mask(*mask);
	return stripped;
}

/* How long a wait without result takes; the kernel writes what was left over the time-out. */
static int64_t read_timeout(const struct timespec *timeout)
{
	return timeout && can_read(timeout, sizeof *timeout) ? timeout->tv_sec * SECOND + timeout->tv_nsec : 0;
}

long handle_ppoll(const struct call *call)
{
	const unsigned long *a = call->args;
	const uint64_t *mask = (const uint64_t *)a[3];
	uint64_t stripped;
	int64_t waited;
	long result;

	waited = read_timeout((const struct timespec *)a[2]);
	mask = strip(mask, a[4], &stripped);
	result = real(SYS_ppoll, a[0], a[1], a[2], mask, a[4]);
	if (result == 0)
		add_wait(waited);
	return result;
}

struct mask_and_size {
	const uint64_t *mask;
	size_t size;
};

/* The same for a mask that comes with its size. */
static const struct mask_and_size *strip_both(const struct mask_and_size *given, struct mask_and_size *used,
	uint64_t *stripped)
{
	if (!given || !can_read(given, sizeof *given))
		return given;
	*used = *given;
	used->mask = strip(used->mask, used->size, stripped);
	return used;
}

long handle_pselect6(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct mask_and_size *given = (const struct mask_and_size *)a[5];
	struct mask_and_size used;
	uint64_t stripped;
	int64_t waited;
	long result;

	given = strip_both(given, &used, &stripped);
	waited = read_timeout((const struct timespec *)a[4]);
	result = real(SYS_pselect6, a[0], a[1], a[2], a[3], a[4], given);
	if (result == 0)
		add_wait(waited);
	return result;
}

long handle_epoll_pwait(const struct call *call)
{
	const unsigned long *a = call->args;
	const uint64_t *mask = (const uint64_t *)a[4];
	uint64_t stripped;
	long result;

	mask = strip(mask, a[5], &stripped);
	result = real(SYS_epoll_pwait, a[0], a[1], a[2], a[3], mask, a[5]);
	if (result == 0 && (int)a[3] > 0)
		add_wait((int64_t)(int)a[3] * MILLION);
	return result;
}

long handle_epoll_pwait2(const struct call *call)
{
	const unsigned long *a = call->args;
	const uint64_t *mask = (const uint64_t *)a[4];
	uint64_t stripped;
	int64_t waited;
	long result;

	waited = read_timeout((const struct timespec *)a[3]);
	mask = strip(mask, a[5], &stripped);
	result = real(SYS_epoll_pwait2, a[0], a[1], a[2], a[3], mask, a[5]);
	if (result == 0)
		add_wait(waited);
	return result;
}

/* Events of files that were begun before; a wait for them is none that moves the clock. */
long handle_io_pgetevents(const struct call *call)
{
	const unsigned long *a = call->args;
	struct mask_and_size used;
	uint64_t stripped;

	return real(SYS_io_pgetevents, a[0], a[1], a[2], a[3], a[4],
		strip_both((const struct mask_and_size *)a[5], &used, &stripped));
}
