/* Writing and taking apart the small texts of /proc. */
#include "text.h"

#include <sys/mman.h>

#include "shim.h"

/* More than the kernel writes of such a file at once. */
enum { FIRST_ROOM = 1 << 16, READ_ROOM = 1 << 13 };

struct text open_text(void)
{
	struct text text = { .room = FIRST_ROOM, .grows = 1 };
	long at = real(SYS_mmap, NULL, FIRST_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at < 0)
		return (struct text){ .is_cut = 1 };
	text.bytes = (char *)at;
	return text;
}

void close_text(struct text *text)
{
	if (text->bytes)
		real(SYS_munmap, text->bytes, text->room);
	*text = (struct text){ 0 };
}

/* Makes room for that much more, if it can. */
static void reserve(struct text *text, size_t size)
{
	while (text->grows && size > text->room - text->size) {
		long at = real(SYS_mremap, text->bytes, text->room, text->room * 2, MREMAP_MAYMOVE);

		if (at < 0)
			return;
		text->bytes = (char *)at;
		text->room *= 2;
	}
}

void put_bytes(struct text *text, const char *what, size_t size)
{
	reserve(text, size);
	if (size > text->room - text->size) {
		size = text->room - text->size;
		text->is_cut = 1;
	}
	copy(text->bytes + text->size, what, size);
	text->size += size;
}

void put(struct text *text, const char *what)
{
	put_bytes(text, what, length(what));
}

void put_number(struct text *text, unsigned long number)
{
	char digits[20];
	int at = sizeof digits;

	do
		digits[--at] = '0' + number % 10;
	while (number /= 10);
	put_bytes(text, digits + at, sizeof digits - at);
}

void put_file(struct text *text, int fd)
{
	long got;

	do {
		reserve(text, READ_ROOM);
		got = real(SYS_read, fd, text->bytes + text->size, text->room - text->size);
		text->size += got > 0 ? got : 0;
	} while (got > 0);
	/* At the end as well as without room the kernel reads nothing. */
	text->is_cut |= got < 0 || text->size == text->room;
}

int split(const char *line, size_t size, struct field *fields, int most)
{
	const char *end = line + size;
	int count_of = 0;

	while (count_of < most) {
		const char *start = line;

		while (line < end && *line != ' ')
			line++;
		fields[count_of++] = (struct field){ start, line - start };
		if (line == end)
			break;
		line++;
	}
	return count_of;
}
