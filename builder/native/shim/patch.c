/*
 * Libraries whose system calls reach us without a trap. The first process that maps one makes a copy of its code
 * in which `mov $number, %eax` before a system call is a jump; all processes map that copy in the code's place, and
 * share its memory until they write to it.
 * The file itself, and whatever is read of it, stays as it is.
 */
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "../tracer/sites.h"
#include "shim.h"

#define PAGE 0x1000ul

/* The clock of files is behind by a tick, or by some when one is late. */
enum { SETTLED = 100 * 1000 * 1000 };

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
	const struct text_slot *slot = key ? slot_of(key, size) : NULL;

	return slot && slot->ready == 2;
}

/* What was moved away is not there to be moved again. */
static int take_mapping(const struct text_slot *slot)
{
	size_t number = slot - shared->texts;
	uint64_t bit = 1ull << number % 64;

	return !(__atomic_fetch_or(&state->texts_taken[number / 64], bit, __ATOMIC_RELAXED) & bit);
}

/*
 * This process's mapping of the copy takes the code's place: a private one, so that what the program changes in it is
 * its own affair. Returns whether it did; a library that is mapped twice is redirected once.
 */
int patch_text(uint64_t key, unsigned long at, size_t size)
{
	struct text_slot *slot = key ? slot_of(key, size) : NULL;

	if (!slot)
		return 0;
	if (!slot->ready)
		make_text(slot, at, size);
	return slot->ready == 2 && take_mapping(slot) &&
		real(SYS_mremap, SHIM_TEXT + slot->offset, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at) == (long)at;
}

static int64_t nanoseconds(const struct statx_timestamp *time)
{
	return time->tv_sec * SECOND + time->tv_nsec;
}

/*
 * Of a library's first bytes and of what tells its file from all others and from itself when it is changed. Within a
 * tick of the clock of files a change would not show: 0 for what has changed just now.
 */
uint64_t text_key(const unsigned char *header, const struct statx *file)
{
	const uint64_t identity[] = {
		makedev(file->stx_dev_major, file->stx_dev_minor), file->stx_ino, file->stx_size,
		nanoseconds(&file->stx_mtime), nanoseconds(&file->stx_ctime), nanoseconds(&file->stx_btime),
	};
	uint64_t hash = 0, word;

	if (nanoseconds(&file->stx_ctime) > real_now() - SETTLED)
		return 0;
	for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
		hash = mix(hash ^ identity[i]);
	for (size_t i = 0; i < HEADER_SIZE; i += sizeof word) {
		copy(&word, header + i, sizeof word);
		hash = mix(hash ^ word);
	}
	return hash | 1;
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

/* Puts a redirected copy over code that was just mapped. */
static void replace_text(const unsigned long *a, unsigned long at)
{
	_Alignas(8) unsigned char header[HEADER_SIZE];
	struct statx file;
	size_t size;

	if (real(SYS_pread64, a[4], header, HEADER_SIZE, 0) != HEADER_SIZE || !is_library(header))
		return;
	size = find_text_size(header, a[5], a[1]);
	if (size && real(SYS_statx, a[4], "", AT_EMPTY_PATH, IDENTITY_FIELDS, &file) == 0)
		patch_text(text_key(header, &file), at, size);
}

/* The code of a library that was prepared is mapped in its place. */
long handle_mmap(const struct call *call)
{
	const unsigned long *a = call->args;
	const int is_code = a[2] == (PROT_READ | PROT_EXEC) && (a[3] & (MAP_PRIVATE | MAP_ANONYMOUS)) == MAP_PRIVATE;
	const long library = is_code ? open_library(a[4], a[5], a[1]) : -1;
	const long at = real(SYS_mmap, a[0], a[1], a[2], a[3], library < 0 ? (long)a[4] : library, a[5]);

	if (library >= 0)
		real(SYS_close, library);
	else if (is_code && at >= 0 && state->has_texts)
		replace_text(a, at);
	return at;
}
