/* The memory file that every traced process maps: the shim's code, the settings, and what all of them share. */
#include "image.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout.h"

#ifndef SHIM_IMAGE
#error "SHIM_IMAGE names the flat image of the shim"
#endif

__asm__(".section .rodata\n"
	".globl shim_image, shim_image_end\n"
	"shim_image: .incbin \"" SHIM_IMAGE "\"\n"
	"shim_image_end: .byte 0\n"
	".previous\n");

extern const char shim_image[], shim_image_end[];

enum { HWCAP2_FSGSBASE = 1 << 1 };

static void set_function(struct machine_facts *facts, const char *name, uint32_t offset)
{
	const struct {
		const char *name;
		uint32_t *offset;
	} functions[] = {
		{ "__vdso_clock_gettime", &facts->clock_gettime }, { "__vdso_gettimeofday", &facts->gettimeofday },
		{ "__vdso_time", &facts->time }, { "__vdso_getcpu", &facts->getcpu },
		{ "__vdso_getrandom", &facts->getrandom },
	};

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (strcmp(name, functions[i].name) == 0)
			*functions[i].offset = offset;
}

/* Where a vDSO keeps its symbols. */
static int find_vdso_facts(struct machine_facts *facts, const char *base)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(base + header->e_phoff);
	const char *strings = NULL, *symbols = NULL;

	for (int i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type == PT_LOAD)
			facts->vdso_size = (segments[i].p_vaddr + segments[i].p_memsz + 0xfff) & ~0xfffu;
		if (segments[i].p_type != PT_DYNAMIC)
			continue;
		for (const Elf64_Dyn *d = (const Elf64_Dyn *)(base + segments[i].p_vaddr); d->d_tag; d++) {
			if (d->d_tag == DT_STRTAB)
				strings = base + d->d_un.d_val;
			if (d->d_tag == DT_SYMTAB)
				symbols = base + d->d_un.d_val;
		}
	}
	/* The linker puts the names right behind the symbols. */
	if (!strings || !symbols || symbols > strings || strings - symbols > 0x800)
		return errno = ENOTSUP, -1;
	facts->symbols = symbols - base;
	facts->symbols_size = (strings - symbols) / sizeof(Elf64_Sym) * sizeof(Elf64_Sym);
	for (const Elf64_Sym *s = (const Elf64_Sym *)symbols; (const char *)(s + 1) <= strings; s++)
		set_function(facts, strings + s->st_name, s->st_value);
	return facts->clock_gettime ? 0 : (errno = ENOTSUP, -1);
}

int fill_image(int image, const struct tracer_settings *settings, const struct loaders *loaders)
{
	struct shim_settings page = { .settings = *settings, .loaders = *loaders };
	/* All processes of 64 bits have the same one, or none. */
	const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
	static const unsigned char outcry[] = { 0x0f, 0x05, 0xc3 };
	size_t size = shim_image_end - shim_image;

	if (vdso && find_vdso_facts(&page.facts, vdso) < 0)
		return -1;
	page.facts.has_fsgsbase = !!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE);
	if (ftruncate(image, SHIM_SHARED - SHIM_BASE + sizeof(struct shared)) < 0)
		return -1;
	if (pwrite(image, shim_image, size, 0) != (ssize_t)size)
		return -1;
	if (pwrite(image, &page, sizeof page, SHIM_CODE_SIZE) != sizeof page)
		return -1;
	return pwrite(image, outcry, sizeof outcry, SHIM_OUTCRY - SHIM_BASE) == sizeof outcry ? 0 : -1;
}

struct shared *map_shared(int image)
{
	void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, image, SHIM_SHARED - SHIM_BASE);

	return at == MAP_FAILED ? NULL : at;
}
