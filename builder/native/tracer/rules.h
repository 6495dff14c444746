#ifndef TRACER_RULES_H
#define TRACER_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

enum action { ACTION_UNKNOWN, ACTION_PASS, ACTION_REFUSE, ACTION_HANDLE, ACTION_CATCH };

/* What the filter can see of an argument, to keep cheap cases out. */
enum test_kind { TEST_NONE, TEST_SET, TEST_POSITIVE, TEST_NEGATIVE, TEST_EQUAL, TEST_ONE_OF };

struct test {
	uint8_t kind;
	uint8_t arg;
	/* TEST_ONE_OF: the bits of the argument that count. */
	uint32_t mask;
	/* TEST_EQUAL: the value; TEST_ONE_OF: one bit a value. */
	uint32_t value;
};

/* How one system call is treated. It is handled only if all its tests hold, or any of them. */
struct rule {
	uint8_t action;
	uint8_t class;
	uint8_t any;
	int error;
	struct test tests[2];
};

/* The rule of any number, known or not. */
const struct rule *rule_for(long nr);

enum { RULE_COUNT = 512 };

#endif
