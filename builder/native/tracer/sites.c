/* Where code makes system calls, and how they are led to us: `mov $number, %eax` becomes a jump. */
#include "sites.h"

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "layout.h"

enum { MOV = 0xb8, JUMP = 0xe9, MOV_SIZE = 5, SYSCALL_SIZE = 2, MAX_GAP = 16, MAX_THUNK = 25 + MAX_GAP, SITES_WORTH_IT = 4,
	MARGIN = 16 };

#define PAGE 0x1000ul

/* Frequent and short: calls that wait keep the trap, under which threads can be cancelled. */
static const unsigned short patched[] = {
	SYS_stat, SYS_lstat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_open, SYS_openat, SYS_mmap,
	SYS_getdents, SYS_getdents64, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_uname, SYS_getrandom, SYS_clock_gettime,
	SYS_gettimeofday, SYS_time, SYS_getrusage, SYS_times, SYS_sysinfo, SYS_execve, SYS_brk,
	SYS_arch_prctl,
};

static int is_patched(uint32_t nr)
{
	for (size_t i = 0; i < sizeof patched / sizeof *patched; i++)
		if (patched[i] == nr)
			return 1;
	return 0;
}

static uint32_t number_at(const unsigned char *code)
{
	return code[1] | code[2] << 8 | code[3] << 16 | (uint32_t)code[4] << 24;
}

/* The length of a plain move between registers or of a constant, or to memory; 0 for anything else. */
static unsigned move_length(const unsigned char *code)
{
	unsigned prefix = (code[0] & 0xf0) == 0x40;
	unsigned char operation = code[prefix], operands = code[prefix + 1];

	if (operation > MOV && operation < MOV + 8)
		return prefix && code[0] & 8 ? 0 : prefix + 5;
	/* Neither from nor to the register of the number. */
	if (operation != 0x89 || (operands & 7) == 0 || (operands >> 3 & 7) == 0)
		return 0;
	if (operands >> 6 == 3)
		return prefix + 2;
	if ((operands & 7) == 4 || (operands >> 6 == 0 && (operands & 7) == 5))
		return 0;
	return operands >> 6 == 0 ? prefix + 2 : operands >> 6 == 1 ? prefix + 3 : 0;
}

/* A prefix makes the same byte a move to another register; what only looks like one costs no more than a trap. */
static int has_prefix(const unsigned char *code)
{
	return (code[-1] & 0xf0) == 0x40;
}

/* The bytes between the move of a number and its system call, which are carried out all the same; -1 for no site. */
static int find_gap(const unsigned char *code)
{
	const unsigned char *at = code + MOV_SIZE;

	if (code[0] != MOV || has_prefix(code) || !is_patched(number_at(code)))
		return -1;
	while (at[0] != 0x0f || at[1] != 0x05) {
		unsigned size = move_length(at);

		if (!size || at + size - code > MOV_SIZE + MAX_GAP)
			return -1;
		at += size;
	}
	return at - code - MOV_SIZE;
}

static unsigned write_thunk(unsigned char *thunk, unsigned char *site, unsigned gap)
{
	static const unsigned char tail[] = {
		MOV, 0, 0, 0, 0,                           /* mov $number, %eax */
		0x48, 0x8d, 0x0d, 0, 0, 0, 0,              /* lea back(%rip), %rcx */
		0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0,        /* movabs $SHIM_PATCHED, %r11 */
		0x41, 0xff, 0xe3,                          /* jmp *%r11 */
	};
	static const unsigned long entry = SHIM_PATCHED;
	unsigned char *end = thunk + gap;
	int32_t back = site + MOV_SIZE + gap + SYSCALL_SIZE - (end + 12), to = thunk - (site + MOV_SIZE);

	memcpy(thunk, site + MOV_SIZE, gap);
	memcpy(end, tail, sizeof tail);
	memcpy(end + 1, site + 1, 4);
	memcpy(end + 8, &back, 4);
	memcpy(end + 14, &entry, 8);
	site[0] = JUMP;
	memcpy(site + 1, &to, 4);
	return gap + sizeof tail;
}

/* The end of the code: zeros fill its last page. */
static unsigned char *find_slack(unsigned char *text, size_t size)
{
	unsigned char *slack = text + size;

	while (slack > text && slack[-1] == 0 && text + size - slack < (long)PAGE)
		slack--;
	return slack;
}

/* The next site at or behind `at`, before which there is code, with its gap; NULL when there is none. */
static unsigned char *find_site(unsigned char *at, const unsigned char *end, int *gap)
{
	for (; at < end - MOV_SIZE - MAX_GAP - SYSCALL_SIZE; at++)
		if (*at == MOV && (*gap = find_gap(at)) >= 0)
			return at;
	return NULL;
}

int is_worth_it(unsigned char *text, size_t size)
{
	const unsigned char *end = find_slack(text, size);
	int sites = 0, gap;

	for (unsigned char *at = text + 1; sites < SITES_WORTH_IT && (at = find_site(at, end, &gap)); at += MOV_SIZE)
		sites++;
	return sites >= SITES_WORTH_IT;
}

/* Thunks go into the zeros behind the code. */
size_t redirect(unsigned char *text, size_t size)
{
	unsigned char *end = find_slack(text, size), *thunk = end + MARGIN;
	int gap;

	for (unsigned char *at = text + 1; (at = find_site(at, end, &gap)); at += MOV_SIZE) {
		if (text + size - thunk < MAX_THUNK)
			break;
		thunk += write_thunk(thunk, at, gap);
	}
	return thunk - text;
}
