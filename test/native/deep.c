/* deep MEGABYTES: uses that much of its stack, bit by bit, and says so. */
#include <stdio.h>
#include <stdlib.h>

enum { STEP = 1 << 16, STEPS_A_MEGABYTE = (1 << 20) / STEP };

__attribute__((noinline)) static int go_down(long steps)
{
	volatile char room[STEP];

	room[0] = steps;
	return steps > 0 ? go_down(steps - 1) + (room[0] == (char)steps) : 1;
}

int main(int argc, char **argv)
{
	long megabytes = argc > 1 ? atol(argv[1]) : 1;

	printf("%ld MB\n", go_down(megabytes * STEPS_A_MEGABYTE) / STEPS_A_MEGABYTE);
	return 0;
}
