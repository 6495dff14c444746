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

long dispatch(const struct call *call)
{
	const struct entry *entry;

	if (call->nr < 0 || (size_t)call->nr >= sizeof entries / sizeof *entries || !entries[call->nr].handle)
		return make_real(call);
	entry = &entries[call->nr];
	if (settings->relaxed >> entry->class & 1)
		return make_real(call);
	if (entry->class)
		count(entry->class);
	return entry->handle(call);
}
