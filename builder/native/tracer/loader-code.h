#ifndef TRACER_LOADER_CODE_H
#define TRACER_LOADER_CODE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Changes the `size` bytes of a dynamic loader, the `number`th of ours, so that it maps the file that is called `image`
 * first of all. Returns 0, or -1 with ENOEXEC where they are no loader or have no room for that.
 */
int enter_image_first(unsigned char *bytes, size_t size, uint32_t number, const char *image);

#endif
