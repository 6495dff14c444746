/* From a number to its handler; the list is the one the filter is made from. */
#include "../tracer/calls.h"

#include "shim.h"

struct entry {
	handler *handle;
	enum class class;
};

#define HANDLE(name, kind, ...) [SYS_##name] = { handle_##name, CLASS_##kind },

static const struct entry entries[] = { HANDLED_CALLS(HANDLE, HANDLE) };

static long make_real(const struct call *call)
{
	const unsigned long *a = call->args;

	return real6(call->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static const struct entry *find(long nr)
{
	return nr < 0 || (size_t)nr >= sizeof entries / sizeof *entries || !entries[nr].handle ? NULL : &entries[nr];
}

int may_wait(long nr)
{
	const struct entry *entry = find(nr);

	return entry && (entry->class == CLASS_WAIT || entry->class == CLASS_SIGNAL);
}

long dispatch(const struct call *call)
{
	const struct entry *entry = find(call->nr);

	if (!entry)
		return make_real(call);
	if (is_relaxed(entry->class))
		return make_real(call);
	if (entry->class)
		count(entry->class);
	return entry->handle(call);
}
