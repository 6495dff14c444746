/* Who asked for what: counts are kept by the path of the program, or the end of it. */
#include "shim.h"

/* The last place is shared by those for whom there is none. */
uint32_t find_program(const char *path)
{
	uint64_t hash = 0;
	size_t size = length(path), skip = size < PROGRAM_NAME ? 0 : size - (PROGRAM_NAME - 1);

	for (size_t i = skip; i < size; i++)
		hash = mix(hash + (unsigned char)path[i]);
	for (unsigned i = 0; i < PROGRAMS; i++) {
		uint32_t index = (hash + i) % PROGRAMS, free = 0;
		struct program_counts *program = &shared->programs[index];

		if (__atomic_compare_exchange_n(&program->named, &free, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			copy(program->name, path + skip, size - skip);
			__atomic_store_n(&program->named, 2, __ATOMIC_RELEASE);
		}
		if (program->named == 2 && compare(program->name, path + skip) == 0)
			return index;
	}
	return PROGRAMS - 1;
}

void count_for(uint32_t program, enum class class)
{
	__atomic_fetch_add(&shared->programs[program].counts[class], 1, __ATOMIC_RELAXED);
}

void count(enum class class)
{
	count_for(state->program, class);
}
