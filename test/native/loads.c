/*
 * loads LIBRARY...: what each answers, how a call goes in it whose number looks as if it were another, and what it
 * answers when it has been changed in memory.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static void *find(void *library, const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;

	if (symbol)
		return symbol;
	printf("failed: %s\n", dlerror());
	exit(1);
}

/* As programs do that hook functions: what they write is for themselves only. */
static int change(int (*function)(void))
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov $42, %eax; ret */
	char *page = (char *)((unsigned long)function & -PAGE);

	if (mprotect(page, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return -1;
	memcpy((char *)function, code, sizeof code);
	return function();
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		void *library = dlopen(argv[i], RTLD_NOW);
		int (*answer)(void) = find(library, "answer");
		long (*call)(void) = find(library, "call_with_prefix");
		int first = answer(), parent = call() == getppid();

		printf("answers %d, getppid %s, changed %d\n", first, parent ? "as it is" : "wrong", change(answer));
	}
	return 0;
}
