/*
 * Libraries whose system calls reach us without a trap. The first process that maps one makes a copy of its code
 * in which `mov $number, %eax` before a system call is a jump; all processes map that copy in the code's place.
 * The file itself, and whatever is read of it, stays as it is.
 */
#include <elf.h>
#include <sys/mman.h>

#include "shim.h"

enum { MOV = 0xb8, JUMP = 0xe9, MOV_SIZE = 5, SYSCALL_SIZE = 2, MAX_GAP = 16, MAX_THUNK = 25 + MAX_GAP, SITES_WORTH_IT = 4,
	MARGIN = 16 };

#define PAGE 0x1000ul

extern char enter_patched[] __attribute__((visibility("hidden")));

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

/* The bytes between the move of a number and its system call, which are carried out all the same; -1 for no site. */
static int find_gap(const unsigned char *code)
{
	const unsigned char *at = code + MOV_SIZE;

	if (code[0] != MOV || !is_patched(number_at(code)))
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
		0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0,        /* movabs $enter_patched, %r11 */
		0x41, 0xff, 0xe3,                          /* jmp *%r11 */
	};
	const unsigned long entry = (unsigned long)enter_patched;
	unsigned char *end = thunk + gap;
	int32_t back = site + MOV_SIZE + gap + SYSCALL_SIZE - (end + 12), to = thunk - (site + MOV_SIZE);

	copy(thunk, site + MOV_SIZE, gap);
	copy(end, tail, sizeof tail);
	copy(end + 1, site + 1, 4);
	copy(end + 8, &back, 4);
	copy(end + 14, &entry, 8);
	site[0] = JUMP;
	copy(site + 1, &to, 4);
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

/* The next site at or behind `at`, with its gap; NULL when there is none. */
static unsigned char *find_site(unsigned char *at, const unsigned char *end, int *gap)
{
	for (; at < end - MOV_SIZE - MAX_GAP - SYSCALL_SIZE; at++)
		if (*at == MOV && (*gap = find_gap(at)) >= 0)
			return at;
	return NULL;
}

static int is_worth_it(unsigned char *text, size_t size)
{
	const unsigned char *end = find_slack(text, size);
	int sites = 0, gap;

	for (unsigned char *at = text; sites < SITES_WORTH_IT && (at = find_site(at, end, &gap)); at += MOV_SIZE)
		sites++;
	return sites >= SITES_WORTH_IT;
}

/* Thunks go into the zeros behind the code. */
static void redirect(unsigned char *text, size_t size)
{
	unsigned char *end = find_slack(text, size), *thunk = end + MARGIN;
	int gap;

	for (unsigned char *at = text; (at = find_site(at, end, &gap)); at += MOV_SIZE) {
		if (text + size - thunk < MAX_THUNK)
			return;
		thunk += write_thunk(thunk, at, gap);
	}
}

/* A place for the copy in the file; none if that is full. */
static int reserve_text(size_t size, uint32_t *offset)
{
	*offset = __atomic_load_n(&shared->next_text, __ATOMIC_ACQUIRE);
	do {
		if (size > TEXT_ROOM - *offset)
			return 0;
	} while (!__atomic_compare_exchange_n(&shared->next_text, offset, *offset + size, 0, __ATOMIC_ACQ_REL,
		__ATOMIC_ACQUIRE));
	return 1;
}

static struct text_slot *find_text(uint64_t key)
{
	for (unsigned i = 0; i < TEXT_SLOTS; i++) {
		struct text_slot *slot = &shared->texts[(key + i) % TEXT_SLOTS];
		uint64_t known = __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE);

		if (!known && __atomic_compare_exchange_n(&slot->key, &known, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			known = key;
		if (known == key)
			return slot;
	}
	return NULL;
}

/* Makes the copy; its outcome is known to all from then on. */
static void make_text(struct text_slot *slot, unsigned long at, size_t size)
{
	uint32_t free = 0, outcome = 3;

	if (!__atomic_compare_exchange_n(&slot->ready, &free, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return;
	if (is_worth_it((unsigned char *)at, size) && reserve_text(size, &slot->offset)) {
		copy(shared->text + slot->offset, (const void *)at, size);
		redirect(shared->text + slot->offset, size);
		outcome = 2;
	}
	__atomic_store_n(&slot->ready, outcome, __ATOMIC_RELEASE);
}

static struct text_slot *slot_of(uint64_t key, size_t size)
{
	return find_text(mix(key + mix(size)) | 1);
}

int is_text_ready(uint64_t key, size_t size)
{
	const struct text_slot *slot = slot_of(key, size);

	return slot && slot->ready == 2;
}

/* A second mapping of the copy takes the code's place. Returns whether it did. */
int patch_text(uint64_t key, unsigned long at, size_t size)
{
	struct text_slot *slot = slot_of(key, size);

	if (!slot)
		return 0;
	if (!slot->ready)
		make_text(slot, at, size);
	return slot->ready == 2 &&
		real(SYS_mremap, SHIM_TEXT + slot->offset, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, at) == (long)at;
}

/* Of a library's first bytes, which hold its build id. */
uint64_t text_key(const unsigned char *header)
{
	uint64_t hash = 0, word;

	for (size_t i = 0; i < HEADER_SIZE; i += sizeof word) {
		copy(&word, header + i, sizeof word);
		hash = mix(hash ^ word);
	}
	return hash;
}

static int is_library(const unsigned char *header)
{
	return header[0] == 0x7f && header[1] == 'E' && header[2] == 'L' && header[3] == 'F' && header[16] == ET_DYN;
}

/* How much of a mapping is code of the file: loaders map more, and there may be nothing behind it. */
static size_t find_text_size(const unsigned char *header, uint64_t offset, size_t mapped)
{
	const Elf64_Ehdr *file = (const Elf64_Ehdr *)header;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(header + file->e_phoff);

	if (file->e_phoff > HEADER_SIZE || file->e_phnum * sizeof *segments > HEADER_SIZE - file->e_phoff)
		return 0;
	for (int i = 0; i < file->e_phnum; i++) {
		size_t size = (segments[i].p_filesz + PAGE - 1) & -PAGE;

		if (segments[i].p_type == PT_LOAD && segments[i].p_flags & PF_X && segments[i].p_offset == offset)
			return size <= ((mapped + PAGE - 1) & -PAGE) ? size : 0;
	}
	return 0;
}

long handle_mmap(const struct call *call)
{
	const unsigned long *a = call->args;
	_Alignas(8) unsigned char header[HEADER_SIZE];
	size_t size;
	long at = real(SYS_mmap, a[0], a[1], a[2], a[3], a[4], a[5]);

	if (at < 0 || a[2] != (PROT_READ | PROT_EXEC) || (a[3] & (MAP_PRIVATE | MAP_ANONYMOUS)) != MAP_PRIVATE)
		return at;
	if (real(SYS_pread64, a[4], header, HEADER_SIZE, 0) != HEADER_SIZE || !is_library(header))
		return at;
	size = find_text_size(header, a[5], a[1]);
	if (size)
		patch_text(text_key(header), at, size);
	return at;
}
