#ifndef TRACER_LOADER_CODE_H
#define TRACER_LOADER_CODE_H

#include <stddef.h>

struct library;

/*
 * Both change the `size` bytes of a file so that its system calls come to the shim without a trap. A dynamic loader
 * maps the file that is called `image` first of all; of a library it is noted which part is code. Both return 0, or -1
 * with ENOEXEC where the bytes are no such file or have no room for that.
 */
int enter_image_first(unsigned char *bytes, size_t size, const char *image);
int redirect_library(unsigned char *bytes, size_t size, struct library *library);

#endif
