/* The order in which a build sees the entries of a directory: a merge sort by a number that stands for most names. */
#include "directories.h"

enum { FEW = 8 };

static int is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* What all names but those of the directory itself and its parent begin with. */
struct prefix {
	const char *text;
	size_t length;
};

static struct prefix common_prefix(struct entry *const *index, size_t count)
{
	struct prefix common = { NULL, 0 };

	for (size_t i = 0; i < count; i++) {
		const char *name = index[i]->name;
		size_t same = 0;

		if (is_dots(name))
			continue;
		if (!common.text)
			common = (struct prefix){ name, length(name) };
		while (same < common.length && name[same] == common.text[same])
			same++;
		common.length = same;
	}
	return common;
}

static uint64_t shuffled(const char *name)
{
	uint64_t key = settings->seed[1];

	for (; *name; name++)
		key = mix(key + *name);
	return key;
}

/* The eight bytes behind the prefix as a number that is greater when they come later. */
static uint64_t leading(const char *name, struct prefix prefix)
{
	uint64_t key = 0;

	for (size_t i = 0; i < prefix.length; i++)
		if (name[i] != prefix.text[i])
			return (unsigned char)name[i] < (unsigned char)prefix.text[i] ? 0 : ~0ul;
	name += prefix.length;
	for (int shift = 56; shift >= 0 && *name; shift -= 8)
		key |= (uint64_t)(unsigned char)*name++ << shift;
	return key;
}

static uint64_t key_of(const char *name, struct prefix prefix)
{
	switch (settings->order) {
	case ORDER_SHUFFLED: return shuffled(name);
	case ORDER_REVERSED: return ~leading(name, prefix);
	default: return leading(name, prefix);
	}
}

static int comes_before(const struct ranked *a, const struct ranked *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (settings->order == ORDER_REVERSED)
		return compare(a->entry->name, b->entry->name) > 0;
	return compare(a->entry->name, b->entry->name) < 0;
}

/* Merges from[0, middle) and from[middle, count), each in order. */
static void merge(const struct ranked *from, struct ranked *to, size_t middle, size_t count)
{
	size_t left = 0, right = middle;

	while (left < middle && right < count) {
		int later = comes_before(&from[right], &from[left]);

		*to++ = from[later ? right : left];
		right += later;
		left += !later;
	}
	while (left < middle)
		*to++ = from[left++];
	while (right < count)
		*to++ = from[right++];
}

/* Puts a few in order in their place. */
static void insert_each(struct ranked *ranks, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct ranked moved = ranks[i];
		size_t at = i;

		for (; at > 0 && comes_before(&moved, &ranks[at - 1]); at--)
			ranks[at] = ranks[at - 1];
		ranks[at] = moved;
	}
}

void sort_entries(struct entry **index, size_t count, struct ranked *ranks)
{
	struct ranked *from = ranks, *to = ranks + count, *swapped;
	struct prefix prefix = common_prefix(index, count);

	for (size_t i = 0; i < count; i++)
		from[i] = (struct ranked){ key_of(index[i]->name, prefix), index[i] };
	for (size_t at = 0; at < count; at += FEW)
		insert_each(from + at, count - at < FEW ? count - at : FEW);
	for (size_t width = FEW; width < count; width *= 2) {
		for (size_t at = 0; at < count; at += 2 * width) {
			size_t rest = count - at;

			merge(from + at, to + at, rest < width ? rest : width, rest < 2 * width ? rest : 2 * width);
		}
		swapped = from;
		from = to;
		to = swapped;
	}
	for (size_t i = 0; i < count; i++)
		index[i] = from[i].entry;
}
