/* What the kernel told a fresh image about itself, and what follows for its loader. */
#include "origin.h"

#include <fcntl.h>

#include "shim.h"

#define PAGE 0x1000ul

/* The code of the dynamic loader, which is the C library as well with musl, lies there already. */
struct range find_loader_text(const unsigned char *base)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(base + header->e_phoff);

	if (header->e_phoff + header->e_phnum * sizeof *segments <= HEADER_SIZE)
		for (int i = 0; i < header->e_phnum; i++)
			if (segments[i].p_type == PT_LOAD && segments[i].p_flags == (PF_R | PF_X) &&
				segments[i].p_vaddr % PAGE == 0)
				return (struct range){ (unsigned long)base + segments[i].p_vaddr,
					(segments[i].p_filesz + PAGE - 1) & -PAGE };
	return (struct range){ 0 };
}

/* The program's own word for its loader, by which the kernel has found it a moment ago; NULL for none. */
static const char *find_loader_path(const struct origin *origin)
{
	const char *path = NULL;
	unsigned long base = 0;

	for (size_t i = 0; i < origin->segment_count; i++) {
		if (origin->segments[i].p_type == PT_PHDR)
			base = (unsigned long)origin->segments - origin->segments[i].p_vaddr;
		if (origin->segments[i].p_type == PT_INTERP)
			path = (const char *)base + origin->segments[i].p_vaddr;
	}
	return path;
}

uint64_t loader_key(const struct origin *origin)
{
	const char *path = find_loader_path(origin);
	struct statx file;

	if (!path || real(SYS_statx, AT_FDCWD, path, 0, IDENTITY_FIELDS, &file) < 0)
		return 0;
	return text_key(origin->loader, &file);
}

struct origin read_auxv(const Elf64_auxv_t *auxv)
{
	struct origin origin = { .path = "" };

	for (const Elf64_auxv_t *a = auxv; a < auxv + AUXV_MAX && a->a_type; a++) {
		if (a->a_type == AT_SYSINFO_EHDR)
			state->vdso = a->a_un.a_val;
		if (a->a_type == AT_EXECFN)
			origin.path = (const char *)a->a_un.a_val;
		if (a->a_type == AT_PHDR)
			origin.segments = (const Elf64_Phdr *)a->a_un.a_val;
		if (a->a_type == AT_PHNUM)
			origin.segment_count = a->a_un.a_val;
		if (a->a_type == AT_BASE)
			origin.loader = (const unsigned char *)a->a_un.a_val;
		if (a->a_type == AT_RANDOM)
			origin.random = (uint64_t *)a->a_un.a_val;
	}
	return origin;
}
