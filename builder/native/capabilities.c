/* Which capabilities, over its own namespaces and files, a builder has. */
#include "sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (1ULL << (capability))

/* What root's programs count on to arrange their own files and processes. */
static const unsigned long long kept_by[] = {
	[USER_ROOT] = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_SETUID) |
		      BIT(CAP_SETGID) | BIT(CAP_KILL),
	[USER_UNPRIVILEGED] = 0,
};

unsigned long long capabilities_of(enum user user)
{
	return kept_by[user];
}

/* The bounding set ends at the first capability the kernel does not know. */
static int bound(unsigned long long kept)
{
	for (int capability = 0; capability < 64; capability++) {
		if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) < 0)
			return errno == EINVAL ? 0 : -1;
		if (!(kept & BIT(capability)) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -1;
	}
	return 0;
}

/* Leaves `kept` in the permitted, effective and bounding sets, and nothing in the others. */
int keep_capabilities(unsigned long long kept)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .permitted = kept, .effective = kept },
		{ .permitted = kept >> 32, .effective = kept >> 32 },
	};

	if (bound(kept) < 0 || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -1;
	return syscall(SYS_capset, &header, data);
}
