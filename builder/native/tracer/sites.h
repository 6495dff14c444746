#ifndef TRACER_SITES_H
#define TRACER_SITES_H

#include <stddef.h>

/* Whether this code makes enough of the system calls that are redirected. */
int is_worth_it(unsigned char *text, size_t size);

/* Changes a copy of code so that its system calls reach us without a trap. Returns what of it is no longer free. */
size_t redirect(unsigned char *text, size_t size);

#endif
