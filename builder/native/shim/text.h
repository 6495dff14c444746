#ifndef SHIM_TEXT_H
#define SHIM_TEXT_H

#include <stddef.h>

/* A file's content in the making; what does not fit is left out. */
struct text {
	char *bytes;
	size_t size;
	size_t room;
	/* Whether the memory is its own, and takes as much as is put there; and whether there was none left. */
	int grows;
	int is_cut;
};

/* A text in memory of its own, which close_text gives back. */
struct text open_text(void);
void close_text(struct text *text);

void put(struct text *text, const char *what);
void put_bytes(struct text *text, const char *what, size_t size);
void put_number(struct text *text, unsigned long number);

/* Appends the whole file that is open there. */
void put_file(struct text *text, int fd);

/* Splits a line into fields at single spaces; returns how many there are, at most `most`. */
struct field {
	const char *at;
	size_t size;
};
int split(const char *line, size_t size, struct field *fields, int most);

/* replacements.c: opened with those flags, at the lowest descriptor; or a negative error. */
long make_file(const struct text *text, int flags);
long make_random_file(int flags);

/* proc.c: what stands in a file of /proc that describes its process, made of the real one. */
void write_mountinfo(struct text *text, int fd);
void write_mounts(struct text *text, int fd);
void write_process_stat(struct text *text, int fd);

/* constants.c: files that describe the machine. */
void write_cpuinfo(struct text *text, int fd);
void write_meminfo(struct text *text, int fd);
void write_loadavg(struct text *text, int fd);
void write_uptime(struct text *text, int fd);
void write_stat(struct text *text, int fd);
void write_version(struct text *text, int fd);
void write_release(struct text *text, int fd);
void write_hostname(struct text *text, int fd);
void write_build(struct text *text, int fd);
void write_cpu_range(struct text *text, int fd);
void write_uuid(struct text *text, int fd);
void write_boot_id(struct text *text, int fd);
void write_entropy(struct text *text, int fd);

#endif
