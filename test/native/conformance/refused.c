/* System calls that are not there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rows.h"

static const struct refused {
	const char *name;
	long nr;
} calls[] = {
	{ "io_uring_setup", SYS_io_uring_setup }, { "io_uring_enter", SYS_io_uring_enter },
	{ "io_uring_register", SYS_io_uring_register }, { "perf_event_open", SYS_perf_event_open },
	{ "userfaultfd", SYS_userfaultfd }, { "clone3", SYS_clone3 }, { "openat2", SYS_openat2 },
	{ "of a newer kernel", 470 }, { "of no kernel", 9999 }, { "of a negative number", -7 },
};

void ask_refused(void)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		errno = 0;
		printf("refused/%s: %ld ", calls[i].name, syscall(calls[i].nr, -1L, 0L, 0L, -1L, 0L, 0L));
		printf("%s\n", strerror(errno));
	}
}
