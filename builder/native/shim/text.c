/* Writing and taking apart the small texts of /proc. */
#include "text.h"

#include "shim.h"

void put_bytes(struct text *text, const char *what, size_t size)
{
	if (size > text->room - text->size)
		size = text->room - text->size;
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

	while ((got = real(SYS_read, fd, text->bytes + text->size, text->room - text->size)) > 0)
		text->size += got;
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
