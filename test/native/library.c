/* A library that makes enough system calls to be redirected; -DANSWER=n says what answer() returns. */
#include <sys/syscall.h>
#include <sys/types.h>

#ifndef ANSWER
#define ANSWER 1
#endif

#define CALL(number) __asm__ volatile("mov $" #number ", %%eax\n\tsyscall" : : : "rax", "rcx", "r11", "memory")

/* getppid; what stands right before the call is the number of another one, in a register that is no matter. */
long call_with_prefix(void)
{
	long result;

	__asm__ volatile("mov $110, %%eax\n\tmov $4, %%r8d\n\tsyscall" : "=a"(result) : : "r8", "rcx", "r11", "memory");
	return result;
}

/* Never called: they are there to be counted. */
void make_calls(void)
{
	CALL(96);
	CALL(96);
	CALL(201);
	CALL(201);
	CALL(201);
}

int answer(void)
{
	return ANSWER;
}
