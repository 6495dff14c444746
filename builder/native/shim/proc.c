/* Files of /proc that describe a process: the real ones, without what the host shows in them. */
#include "shim.h"
#include "text.h"

enum { FIELDS = 64 };

static struct text read_real(int fd)
{
	struct text text = open_text();

	put_file(&text, fd);
	return text;
}

static size_t line_length(const char *line, const char *end)
{
	const char *at = line;

	while (at < end && *at != '\n')
		at++;
	return at - line;
}

static int is(const struct field *field, const char *text)
{
	return field->size == length(text) && starts_with(field->at, text);
}

static void put_field(struct text *text, const struct field *field)
{
	put_bytes(text, field->at, field->size);
}

/* What is mounted from within another file system is files of the host, wherever those lie. */
static int is_own(const struct field *type, const struct field *root)
{
	static const char *const kernels[] = { "proc", "devpts", "mqueue", "sysfs" };

	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
		if (is(type, kernels[i]))
			return 1;
	return is(type, "tmpfs") && is(root, "/");
}

static void put_type(struct text *text, const struct field *type, const struct field *root)
{
	if (is_own(type, root))
		put_field(text, type);
	else
		put(text, "ext4");
}

static void put_access(struct text *text, const struct field *options)
{
	put(text, options->size >= 2 && options->at[1] == 'o' ? "ro" : "rw");
}

/* Lines of mountinfo, which name everything; `brief` writes them as mounts does. */
static void write_mount_lines(struct text *text, int fd, int brief)
{
	struct text lines = read_real(fd);
	const char *end = lines.bytes + lines.size;
	unsigned number = 0;

	for (const char *line = lines.bytes; line < end;) {
		size_t size = line_length(line, end);
		struct field fields[FIELDS];
		int count_of = split(line, size, fields, FIELDS), dash = 6;

		line += size + 1;
		while (dash < count_of && !is(&fields[dash], "-"))
			dash++;
		if (dash + 2 >= count_of)
			continue;
		if (!brief) {
			put_number(text, ++number);
			put(text, number == 1 ? " 0 8:1 / " : " 1 8:1 / ");
		} else {
			put(text, "none ");
		}
		put_field(text, &fields[4]);
		put(text, " ");
		if (!brief) {
			put_access(text, &fields[5]);
			put(text, " - ");
		}
		put_type(text, &fields[dash + 1], &fields[3]);
		put(text, brief ? " " : " none ");
		put_access(text, &fields[5]);
		put(text, brief ? " 0 0\n" : "\n");
	}
	text->is_cut |= lines.is_cut;
	close_text(&lines);
}

void write_mountinfo(struct text *text, int fd)
{
	write_mount_lines(text, fd, 0);
}

void write_mounts(struct text *text, int fd)
{
	write_mount_lines(text, fd, 1);
}

/* Counted from 3, behind the name: faults, times, start, resident set, last processor. */
static int is_kept(int field)
{
	return field < 10 || (field > 17 && field < 22) || field == 23 || (field > 24 && field != 39 && field < 42);
}

/* The scheduler's priority and, behind it, the niceness: both count from that of the host. */
static int is_of_niceness(int field)
{
	return field == 18 || field == 19;
}

static void put_niceness(struct text *text, const struct field *field)
{
	const int is_negative = field->size && *field->at == '-';
	long number = 0;

	for (size_t i = is_negative; i < field->size; i++)
		number = 10 * number + field->at[i] - '0';
	number = (is_negative ? -number : number) - settings->niceness;
	if (number < 0)
		put(text, "-");
	put_number(text, number < 0 ? -number : number);
}

static void write_stat_line(struct text *text, const struct text *line)
{
	struct field fields[FIELDS];
	const char *behind = line->bytes + line->size;
	int count_of;

	while (behind > line->bytes && behind[-1] != ')')
		behind--;
	put_bytes(text, line->bytes, behind - line->bytes);
	if (line->bytes + line->size - behind < 2)
		return;
	count_of = split(behind + 1, line->bytes + line->size - behind - 2, fields, FIELDS);
	for (int i = 0; i < count_of; i++) {
		put(text, " ");
		if (is_of_niceness(i + 3) && !is_relaxed(CLASS_MACHINE))
			put_niceness(text, &fields[i]);
		else if (is_kept(i + 3) || is_relaxed(CLASS_USAGE))
			put_field(text, &fields[i]);
		else
			put(text, "0");
	}
	put(text, "\n");
}

void write_process_stat(struct text *text, int fd)
{
	struct text line = read_real(fd);

	if (!is_relaxed(CLASS_USAGE))
		count(CLASS_USAGE);
	write_stat_line(text, &line);
	text->is_cut |= line.is_cut;
	close_text(&line);
}
