/* Waits that come with a signal mask: SIGSYS is taken out of it. */
#include "shim.h"

enum { MILLION = 1000000 };

/* The mask without SIGSYS, in `stripped`; NULL if there is none. Returns 0 or -EFAULT. */
static long strip(const uint64_t **mask, uint64_t *stripped)
{
	if (!*mask)
		return 0;
	if (!can_read(*mask, 8))
		return -EFAULT;
	*stripped = **mask & ~(1ull << (SIGSYS - 1));
	*mask = stripped;
	return 0;
}

/* How long a wait without result took; the kernel writes what was left over the time-out. */
static long read_timeout(const struct timespec *timeout, int64_t *waited)
{
	if (!timeout)
		return 0;
	if (!can_read(timeout, sizeof *timeout))
		return -EFAULT;
	*waited = timeout->tv_sec * SECOND + timeout->tv_nsec;
	return 0;
}

long handle_ppoll(const struct call *call)
{
	const unsigned long *a = call->args;
	const uint64_t *mask = (const uint64_t *)a[3];
	uint64_t stripped;
	int64_t waited = 0;
	long result;

	if (strip(&mask, &stripped) < 0 || read_timeout((const struct timespec *)a[2], &waited) < 0)
		return -EFAULT;
	result = real(SYS_ppoll, a[0], a[1], a[2], mask, a[4]);
	if (result == 0)
		add_wait(waited);
	return result;
}

struct mask_and_size {
	const uint64_t *mask;
	size_t size;
};

long handle_pselect6(const struct call *call)
{
	const unsigned long *a = call->args;
	const struct mask_and_size *given = (const struct mask_and_size *)a[5];
	struct mask_and_size used = { NULL, 8 };
	uint64_t stripped;
	int64_t waited = 0;
	long result;

	if (given && !can_read(given, sizeof *given))
		return -EFAULT;
	if (given)
		used = *given;
	if (strip(&used.mask, &stripped) < 0 || read_timeout((const struct timespec *)a[4], &waited) < 0)
		return -EFAULT;
	result = real(SYS_pselect6, a[0], a[1], a[2], a[3], a[4], given ? &used : NULL);
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

	if (strip(&mask, &stripped) < 0)
		return -EFAULT;
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
	int64_t waited = 0;
	long result;

	if (strip(&mask, &stripped) < 0 || read_timeout((const struct timespec *)a[3], &waited) < 0)
		return -EFAULT;
	result = real(SYS_epoll_pwait2, a[0], a[1], a[2], a[3], mask, a[5]);
	if (result == 0)
		add_wait(waited);
	return result;
}
