/* Where things lie in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rows.h"

void ask_addresses(void)
{
	struct rlimit stack;
	void *large = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	getrlimit(RLIMIT_STACK, &stack);
	printf("addresses/code: %p\n", (void *)ask_addresses);
	printf("addresses/library: %p\n", (void *)getauxval);
	printf("addresses/stack: %p\n", (void *)&stack);
	printf("addresses/heap: %p %p\n", malloc(1), sbrk(0));
	printf("addresses/mapping: %p\n", large);
	printf("addresses/AT_RANDOM: %p\n", (void *)getauxval(AT_RANDOM));
	printf("addresses/stack limit: %lu\n", stack.rlim_cur);
}
