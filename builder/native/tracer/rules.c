/* The table of decisions, by number. */
#include "rules.h"

#include <errno.h>
#include <sys/syscall.h>

#include "calls.h"

#define HANDLE(name, kind, ...) \
	[SYS_##name] = { .action = ACTION_HANDLE, .class = CLASS_##kind, .tests = { __VA_ARGS__ } },
#define HANDLE_ANY(name, kind, ...) \
	[SYS_##name] = { .action = ACTION_HANDLE, .class = CLASS_##kind, .any = 1, .tests = { __VA_ARGS__ } },
#define REFUSE(name, number) [SYS_##name] = { .action = ACTION_REFUSE, .error = number },
#define PASS(name) [SYS_##name] = { .action = ACTION_PASS },

/* ARCH_SET_FS: the first system call of images that do not ask for their break. */
enum { SET_FS = 0x1002 };

static const struct rule rules[RULE_COUNT] = {
	HANDLED_CALLS(HANDLE, HANDLE_ANY)
	REFUSED_CALLS(REFUSE)
	PASSED_CALLS(PASS)
	[SYS_brk] = { .action = ACTION_CATCH, .tests = { EQUAL(0, 0) } },
	[SYS_arch_prctl] = { .action = ACTION_CATCH, .tests = { EQUAL(0, SET_FS) } },
};

const struct rule *rule_for(long nr)
{
	static const struct rule unknown = { .action = ACTION_REFUSE, .error = ENOSYS };

	if (nr < 0 || nr >= RULE_COUNT || rules[nr].action == ACTION_UNKNOWN)
		return &unknown;
	return &rules[nr];
}
