/* What a build sees, by the rows of the tracer's contract. Each function prints lines "row/case: what is seen". */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>

void ask_clock(void);
void ask_times(void);
void ask_identity(void);
void ask_directory(void);
void ask_random(void);
void ask_addresses(void);
void ask_machine(void);
void ask_usage(void);
void ask_refused(void);

/* Ends the program when what it needs cannot be done. */
void must(int done, const char *what);
void write_file(const char *path, size_t size);
/* A digest of bytes, for what is too long to print. */
unsigned long digest(const void *bytes, size_t size);
/* Reads a file whole; returns how much it was. */
size_t read_file(const char *path, char *to, size_t size);
/* An input of the build, by the variable that names its path. */
const char *input(const char *name);

#endif
