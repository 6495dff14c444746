/* Makes the seccomp filter from the rules. What passes is decided by number alone, which the kernel caches. */
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "layout.h"
#include "newer.h"
#include "rules.h"

enum { CAPACITY = 4096, X32_BIT = 0x40000000 };

struct program {
	unsigned short length;
	struct sock_filter code[CAPACITY];
};

static void emit(struct program *program, unsigned short code, unsigned value, unsigned char yes, unsigned char no)
{
	program->code[program->length++] = (struct sock_filter)BPF_JUMP(code, value, yes, no);
}

static void emit_return(struct program *program, unsigned value)
{
	emit(program, BPF_RET | BPF_K, value, 0, 0);
}

static void emit_load(struct program *program, size_t offset)
{
	emit(program, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

/* Ends with the accumulator true: one test more or less leaves the count of its instructions to the caller. */
static unsigned char test_length(const struct test *test)
{
	static const unsigned char lengths[] = {
		[TEST_SET] = 4, [TEST_POSITIVE] = 4, [TEST_NEGATIVE] = 2, [TEST_EQUAL] = 2, [TEST_ONE_OF] = 7,
	};

	return lengths[test->kind];
}

/* Jumps over `yes` or `no` instructions that follow the test. */
static void emit_test(struct program *program, const struct test *test, unsigned char yes, unsigned char no)
{
	size_t low = offsetof(struct seccomp_data, args) + 8 * test->arg;

	emit_load(program, low);
	switch (test->kind) {
	case TEST_SET:
		emit(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, yes + 2);
		emit_load(program, low + 4);
		emit(program, BPF_JMP | BPF_JEQ | BPF_K, 0, no, yes);
		break;
	case TEST_POSITIVE:
		emit(program, BPF_JMP | BPF_JEQ | BPF_K, 0, no + 2, 0);
		emit(program, BPF_JMP | BPF_JSET | BPF_K, 0x80000000, no + 1, 0);
		emit(program, BPF_JMP | BPF_JA, yes, 0, 0);
		break;
	case TEST_NEGATIVE:
		emit(program, BPF_JMP | BPF_JSET | BPF_K, 0x80000000, yes, no);
		break;
	case TEST_EQUAL:
		emit(program, BPF_JMP | BPF_JEQ | BPF_K, test->value, yes, no);
		break;
	case TEST_ONE_OF:
		emit(program, BPF_ALU | BPF_AND | BPF_K, test->mask, 0, 0);
		emit(program, BPF_JMP | BPF_JGT | BPF_K, 31, no + 4, 0);
		emit(program, BPF_MISC | BPF_TAX, 0, 0, 0);
		emit(program, BPF_LD | BPF_IMM, 1, 0, 0);
		emit(program, BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0);
		emit(program, BPF_JMP | BPF_JSET | BPF_K, test->value, yes, no);
		break;
	}
}

/* Calls from the shim itself are the real ones. */
static void emit_shim_passes(struct program *program)
{
	emit_load(program, offsetof(struct seccomp_data, instruction_pointer) + 4);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, SHIM_BASE >> 32, 0, 4);
	emit_load(program, offsetof(struct seccomp_data, instruction_pointer));
	emit(program, BPF_JMP | BPF_JGE | BPF_K, SHIM_BASE & 0xffffffff, 0, 2);
	emit(program, BPF_JMP | BPF_JGE | BPF_K, (SHIM_BASE + SHIM_CODE_SIZE) & 0xffffffff, 1, 0);
	emit_return(program, SECCOMP_RET_ALLOW);
}

static unsigned intercepting(const struct rule *rule)
{
	return rule->action == ACTION_CATCH ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRAP | TRAP_MARK;
}

/* All tests hold, or any: each but the last jumps over the others. */
static void emit_tests(struct program *program, const struct rule *rule)
{
	const struct test *first = &rule->tests[0], *second = &rule->tests[1];
	unsigned char rest = second->kind ? test_length(second) : 0;

	if (first->kind)
		emit_test(program, first, rule->any ? rest : 0, rule->any ? 0 : rest + 1);
	if (second->kind)
		emit_test(program, second, 0, 1);
	emit_return(program, intercepting(rule));
	if (first->kind)
		emit_return(program, SECCOMP_RET_ALLOW);
}

/* Calls that have no sixth argument are let through with ours. */
static void emit_marked_passes(struct program *program, uint64_t mark)
{
	emit_load(program, offsetof(struct seccomp_data, args) + 8 * 5 + 4);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, mark >> 32, 0, 1);
	emit_return(program, SECCOMP_RET_ALLOW);
}

static void emit_rule(struct program *program, long nr)
{
	const struct rule *rule = rule_for(nr);

	if (rule->action == ACTION_PASS) {
		emit_return(program, SECCOMP_RET_ALLOW);
		return;
	}
	emit_shim_passes(program);
	if (rule->action == ACTION_REFUSE) {
		emit_return(program, SECCOMP_RET_ERRNO | rule->error);
		return;
	}
	if (nr == SYS_execve)
		emit_marked_passes(program, FIRST_EXEC);
	if (nr == SYS_openat)
		emit_marked_passes(program, IMAGE_OPEN);
	emit_tests(program, rule);
}

static int same(long a, long b)
{
	const struct rule *x = rule_for(a), *y = rule_for(b);

	return x->action == y->action &&
		(x->action == ACTION_PASS || (x->action == ACTION_REFUSE && x->error == y->error));
}

/* Decides the numbers of [low, high) by halving; neighbours of one decision share a leaf. */
static void emit_tree(struct program *program, long low, long high)
{
	long middle = (low + high) / 2;
	unsigned short jump;

	while (middle < high && same(middle, middle - 1))
		middle++;
	if (middle == high)
		for (middle = (low + high) / 2; middle > low && same(middle, middle - 1); middle--)
			;
	if (middle == low) {
		emit_rule(program, low);
		return;
	}
	emit(program, BPF_JMP | BPF_JGE | BPF_K, middle, 0, 1);
	jump = program->length;
	emit(program, BPF_JMP | BPF_JA, 0, 0, 0);
	emit_tree(program, low, middle);
	program->code[jump].k = program->length - jump - 1;
	emit_tree(program, middle, high);
}

static void emit_program(struct program *program)
{
	/* Code of another width meets the supervisor, which ends it by name. */
	emit_load(program, offsetof(struct seccomp_data, arch));
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	emit_return(program, SECCOMP_RET_USER_NOTIF);
	emit_load(program, offsetof(struct seccomp_data, nr));
	emit(program, BPF_JMP | BPF_JGE | BPF_K, RULE_COUNT, 0, 1);
	emit_return(program, SECCOMP_RET_ERRNO | ENOSYS);
	emit_tree(program, 0, RULE_COUNT);
}

int install_filter(void)
{
	struct program program = { 0 };
	struct sock_fprog filter;

	emit_program(&program);
	filter = (struct sock_fprog){ program.length, program.code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &filter);
}
