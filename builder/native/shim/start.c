/* Makes a fresh image ours: maps the rest, takes SIGSYS, puts our clock into the vDSO, undoes the catch. */
#include <elf.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "shim.h"
#include "vdso.h"

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

enum { AUXV_MAX = 64, VDSO_SIZE = 0x2000 };

#define PAGE 0x1000ul

/* What the boot code pushed; `handover` is where the program goes on afterwards. */
struct frame {
	unsigned long handover;
	unsigned long r9, r8, r10, rdx, rsi, rdi;
};

static void map_rest(int image)
{
	long at = real(SYS_mmap, SHIM_STATE, SHIM_STATE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == (long)SHIM_STATE)
		at = real(SYS_mmap, SHIM_SHARED, sizeof *shared, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_FIXED_NOREPLACE, image, SHIM_SHARED - SHIM_BASE);
	if (at != (long)SHIM_SHARED)
		real(SYS_exit_group, 125);
	real(SYS_close, image);
}

/* A process short of descriptors has none for its memory and changes the protection of its pages instead. */
static void write_code(int memory, unsigned long to, const void *bytes, size_t size)
{
	unsigned long first = to & -PAGE, range = ((to + size - 1) & -PAGE) + PAGE - first;

	if (to - state->vdso < VDSO_SIZE)
		range = VDSO_SIZE;
	if (memory >= 0) {
		real(SYS_pwrite64, memory, bytes, size, to);
		return;
	}
	if (real(SYS_mprotect, first, range, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		real(SYS_exit_group, 125);
	copy((void *)to, bytes, size);
	real(SYS_mprotect, first, range, PROT_READ | PROT_EXEC);
}

/* Points symbols of the vDSO to our functions; the functions themselves stay as they are, for our own use. */
static void redirect_vdso(int memory)
{
	Elf64_Sym symbols[0x800 / sizeof(Elf64_Sym)];
	unsigned count_of = facts->symbols_size / sizeof *symbols;

	copy(symbols, (const char *)state->vdso + facts->symbols, facts->symbols_size);
	for (unsigned i = 0; i < count_of; i++) {
		unsigned long ours = replacement_for(symbols[i].st_value);

		if (ours)
			symbols[i].st_value = ours - state->vdso;
	}
	write_code(memory, state->vdso + facts->symbols, symbols, facts->symbols_size);
}

static void name_program(const char *path)
{
	uint64_t hash = 0;
	size_t size = length(path), skip = size > 63 ? size - 63 : 0;

	for (size_t i = skip; i < size; i++)
		hash = mix(hash + (unsigned char)path[i]);
	for (unsigned i = 0; i < PROGRAMS; i++) {
		struct program_counts *program = &shared->programs[(hash + i) % PROGRAMS];
		uint32_t free = 0;

		if (__atomic_compare_exchange_n(&program->named, &free, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			copy(program->name, path + skip, size - skip);
			__atomic_store_n(&program->named, 2, __ATOMIC_RELEASE);
		}
		if (program->named == 2 && compare(program->name, path + skip) == 0) {
			state->program = &shared->programs[(hash + i) % PROGRAMS] - shared->programs;
			return;
		}
	}
}

/* What a process brings along from before its exec. */
static void inherit(const char *path)
{
	const struct process_slot *slot = find_process(real(SYS_getpid), 0);

	state->stream[0] = settings->seed[0];
	state->stream[1] = settings->seed[1];
	if (slot && slot->has_stream) {
		state->waited = slot->waited;
		this_thread()->reads = slot->reads;
		copy(state->stream, slot->stream, sizeof state->stream);
	}
	name_program(path);
}

static void read_auxv(int memory)
{
	Elf64_auxv_t auxv[AUXV_MAX] = { 0 };
	const char *path = "";
	uint64_t *random = NULL;

	real(SYS_prctl, PR_GET_AUXV, auxv, sizeof auxv, 0, 0);
	for (const Elf64_auxv_t *a = auxv; a < auxv + AUXV_MAX && a->a_type; a++) {
		if (a->a_type == AT_SYSINFO_EHDR)
			state->vdso = a->a_un.a_val;
		if (a->a_type == AT_EXECFN)
			path = (const char *)a->a_un.a_val;
		if (a->a_type == AT_RANDOM)
			random = (uint64_t *)a->a_un.a_val;
	}
	if (state->vdso)
		redirect_vdso(memory);
	inherit(path);
	if (random) {
		random[0] = mix(state->stream[0] ^ 1);
		random[1] = mix(state->stream[1] ^ 2);
	}
}

/* Called once an image, on its own stack. Returns the result of the call that was caught. */
__attribute__((used)) long start_shim(struct frame *frame, int image)
{
	struct call call = {
		.args = { frame->rdi, frame->rsi, frame->rdx, frame->r10, frame->r8, frame->r9 },
	};
	const struct handover *handover;

	map_rest(image);
	handover = &shared->handovers[frame->handover % HANDOVERS];
	write_code(handover->memory_fd, handover->ip, handover->bytes, BOOT_BYTES);
	call.nr = handover->nr;
	frame->handover = handover->ip;
	read_auxv(handover->memory_fd);
	if (handover->memory_fd >= 0)
		real(SYS_close, handover->memory_fd);
	install_trap();
	return dispatch(&call);
}
