/* Random bytes that are the same in every build, and different for every process and thread of it. */
#include "shim.h"

enum { PROBES = 64, WORD = 8 };

/* How often this was asked before, in the whole build. */
static uint64_t occurrence(uint64_t key)
{
	key |= 1;
	for (unsigned i = 0; i < PROBES; i++) {
		struct occurrence_slot *slot = &shared->occurrences[(mix(key) + i) % OCCURRENCE_SLOTS];
		uint64_t known = __atomic_load_n(&slot->key, __ATOMIC_ACQUIRE);

		if (!known &&
			__atomic_compare_exchange_n(&slot->key, &known, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			known = key;
		if (known == key)
			return __atomic_fetch_add(&slot->count, 1, __ATOMIC_RELAXED);
	}
	/* The table is full: a process id is better than the same bytes twice. */
	return (uint64_t)real(SYS_gettid) << 32;
}

/* Replaces a stream by one derived from it, another each time. */
void derive_stream(uint64_t stream[2], uint64_t with)
{
	uint64_t first = mix(stream[0] + mix(with)), second = mix(stream[1] ^ mix(with + 1));
	uint64_t times = occurrence(first ^ second);

	stream[0] = mix(first + times);
	stream[1] = mix(second ^ mix(times + 2));
}

/* A thread's stream, made anew in a process that forked. */
static struct stream *own_stream(void)
{
	struct stream *stream = &this_thread()->stream;
	int pid = real(SYS_getpid);

	if (stream->pid == pid)
		return stream;
	if (!stream->pid) {
		stream->key[0] = state->stream[0];
		stream->key[1] = state->stream[1];
	}
	derive_stream(stream->key, stream->pid ? 3 : 4);
	stream->taken = 0;
	stream->pid = pid;
	return stream;
}

static uint64_t next_word(struct stream *stream)
{
	return mix(stream->key[0] + mix(stream->key[1] ^ ++stream->taken));
}

void fill_random(unsigned char *to, size_t size)
{
	struct stream *stream = own_stream();
	uint64_t last;

	for (; size >= WORD; to += WORD, size -= WORD)
		*(word *)to = next_word(stream);
	if (!size)
		return;
	last = next_word(stream);
	copy(to, &last, size);
}

void stir(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i + WORD <= size; i += WORD)
		*(word *)(bytes + i) = mix(*(word *)(bytes + i) + 1);
}

enum { KNOWN_FLAGS = 7, CONTRADICTION = 6, SMALLEST = 4, PAGE = 4096, LONGEST = 33554431 };

/* Within one page. */
static int can_fill(const unsigned char *to, size_t size)
{
	return size >= SMALLEST ? can_write(to, size) : can_read((void *)((unsigned long)to & -WORD), WORD);
}

long handle_getrandom(const struct call *call)
{
	unsigned char *to = (unsigned char *)call->args[0];
	size_t size = call->args[1] < LONGEST ? call->args[1] : LONGEST, done = 0;

	unsigned flags = call->args[2];

	if (flags & ~(unsigned)KNOWN_FLAGS || (flags & CONTRADICTION) == CONTRADICTION)
		return -EINVAL;
	/* Page by page, as far as the memory goes. */
	while (done < size) {
		size_t part = PAGE - (unsigned long)(to + done) % PAGE;

		if (part > size - done)
			part = size - done;
		if (!can_fill(to + done, part))
			return done ? (long)done : -EFAULT;
		fill_random(to + done, part);
		done += part;
	}
	return done;
}
