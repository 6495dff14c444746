#ifndef SHIM_ORIGIN_H
#define SHIM_ORIGIN_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

enum { AUXV_MAX = 64 };

struct range {
	unsigned long at;
	size_t size;
};

/* Of what the kernel told this image, that which matters here. */
struct origin {
	const unsigned char *loader;
	const Elf64_Phdr *segments;
	size_t segment_count;
	const char *path;
	uint64_t *random;
};

/* From what the kernel put behind the environment; notes where the vDSO lies. */
struct origin read_auxv(const Elf64_auxv_t *auxv);

/* The code of the dynamic loader at `base`; nothing for one that is put together in another way. */
struct range find_loader_text(const unsigned char *base);

/* By which its code is known; 0 for none. */
uint64_t loader_key(const struct origin *origin);

#endif
