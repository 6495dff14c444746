/* Makes a fresh image ours: maps the rest, takes SIGSYS, puts our clock into the vDSO, undoes the catch. */
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "origin.h"
#include "shim.h"
#include "vdso.h"

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

#define PAGE 0x1000ul

/* What the boot code pushed; `handover` is where the program goes on afterwards. */
struct frame {
	unsigned long handover;
	unsigned long r9, r8, r10, rdx, rsi, rdi;
};

/* The supervisor ends this process by name: nothing can be noted where all share it. */
static _Noreturn void cry_out(long result)
{
	__asm__ volatile("call *%0"
		:
		: "r"(SHIM_OUTCRY), "a"(SYS_brk), "D"(0), "S"(GIVE_UP), "d"(-result)
		: "rcx", "r11", "memory");
	real(SYS_exit_group, 125);
	__builtin_unreachable();
}

static void map_there(unsigned long place, size_t size, int protection, int flags, int file, unsigned long offset)
{
	long at = real(SYS_mmap, place, size, protection, flags | MAP_FIXED_NOREPLACE, file, offset);

	if (at != (long)place)
		cry_out(at);
}

static void map_state(void)
{
	map_there(SHIM_STATE, SHIM_STATE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void map_shared(int image, size_t size)
{
	map_there(SHIM_SHARED, size, PROT_READ | PROT_WRITE, MAP_SHARED, image, SHIM_SHARED - SHIM_BASE);
}

static void map_texts(int image)
{
	map_there(SHIM_TEXT, TEXT_ROOM, PROT_READ | PROT_EXEC, MAP_PRIVATE, image, TEXT_OFFSET);
	state->has_texts = 1;
}

/* Rather than to run past us. */
static void give_up(long result)
{
	shared->refusal = -result;
	real(SYS_exit_group, 125);
}

static void protect(unsigned long from, size_t size, int protection)
{
	long result = real(SYS_mprotect, from, size, protection);

	if (result < 0)
		give_up(result);
}

/* Puts back what the catch has overwritten. */
static void undo_catch(const struct handover *handover)
{
	unsigned long from = handover->ip & -PAGE, size = ((handover->ip + BOOT_BYTES - 1) & -PAGE) + PAGE - from;

	if (!handover->writable)
		protect(from, size, PROT_READ | PROT_WRITE | PROT_EXEC);
	copy((void *)handover->ip, handover->bytes, BOOT_BYTES);
	if (!handover->writable)
		protect(from, size, PROT_READ | PROT_EXEC);
}

/* Points symbols of the vDSO to our functions; the functions themselves stay as they are, for our own use. */
static void redirect_vdso(void)
{
	Elf64_Sym *symbols = (Elf64_Sym *)(state->vdso + facts->symbols);
	unsigned count_of = facts->symbols_size / sizeof *symbols;

	/* The kernel takes a change of the whole vDSO only. */
	protect(state->vdso, facts->vdso_size, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (unsigned i = 0; i < count_of; i++) {
		unsigned long ours = replacement_for(symbols[i].st_value);

		if (ours)
			symbols[i].st_value = ours - state->vdso;
	}
	protect(state->vdso, facts->vdso_size, PROT_READ | PROT_EXEC);
}

/* What a process brings along from before its exec. */
static void inherit(const char *path)
{
	const int pid = real(SYS_getpid);
	struct process_slot *slot = find_process(pid, 0);

	state->actions.pid = pid;
	state->stream[0] = settings->seed[0];
	state->stream[1] = settings->seed[1];
	if (slot && slot->has_stream) {
		state->waited = slot->waited;
		state->reads_before = slot->reads;
		copy(state->stream, slot->stream, sizeof state->stream);
	}
	if (slot)
		slot->is_starting = 0;
	state->program = find_program(path);
}

/* A loader that is replaced needs no restoring; the copy is made of one that was restored. */
static void restore_code(const struct handover *handover, const struct origin *origin)
{
	struct range text = { 0 };
	uint64_t key = 0;

	if (origin->loader) {
		text = find_loader_text(origin->loader);
		key = loader_key(origin);
	}
	if (text.size && handover->ip - text.at < text.size - BOOT_BYTES && is_text_ready(key, text.size) &&
		patch_text(key, text.at, text.size))
		return;
	undo_catch(handover);
	if (text.size)
		patch_text(key, text.at, text.size);
}

/* Kernels before 6.4 tell it in a file only. Without it the clock could be read past us. */
static void get_auxv(Elf64_auxv_t *auxv, size_t size)
{
	long fd;

	if (real(SYS_prctl, PR_GET_AUXV, auxv, size, 0, 0) > 0)
		return;
	fd = real(SYS_open, "/proc/self/auxv", 0, 0);
	if (real(SYS_read, fd, auxv, size) <= 0)
		give_up(-ENOSYS);
	real(SYS_close, fd);
}

/* From here on its calls reach us. */
static void take_image(const struct origin *origin)
{
	if (state->vdso)
		redirect_vdso();
	inherit(origin->path);
	if (origin->random && !is_relaxed(CLASS_RANDOM)) {
		origin->random[0] = mix(state->stream[0] ^ 1);
		origin->random[1] = mix(state->stream[1] ^ 2);
	}
	install_trap();
	if (settings->trap_tsc) {
		real(SYS_rt_sigaction, SIGSEGV, NULL, &state->actions.sigsegv, 8);
		install_tsc_trap();
	}
}

/* Called once an image, on its own stack. Returns the result of the call that was caught. */
__attribute__((used)) long start_shim(struct frame *frame, int image)
{
	struct call call = {
		.args = { frame->rdi, frame->rsi, frame->rdx, frame->r10, frame->r8, frame->r9 },
	};
	Elf64_auxv_t auxv[AUXV_MAX] = { 0 };
	const struct handover *handover;
	struct origin origin;

	map_state();
	map_shared(image, sizeof *shared);
	map_texts(image);
	real(SYS_close, image);
	handover = &shared->handovers[frame->handover % HANDOVERS];
	get_auxv(auxv, sizeof auxv);
	origin = read_auxv(auxv);
	restore_code(handover, &origin);
	take_image(&origin);
	call.nr = handover->nr;
	frame->handover = handover->ip;
	return dispatch(&call);
}

/* Behind the arguments and the environment, as the kernel lays them out. */
static const Elf64_auxv_t *find_auxv(const unsigned long *stack)
{
	const unsigned long *at = stack + 1 + *stack + 1;

	while (*at)
		at++;
	return (const Elf64_auxv_t *)(at + 1);
}

/* The same where the image's loader has come to us by itself, before its first call, with redirected code. */
__attribute__((used)) void start_loaded(const unsigned long *stack, int image)
{
	struct origin origin;

	map_state();
	map_shared(image, shared->text - (unsigned char *)shared);
	real(SYS_close, image);
	origin = read_auxv(find_auxv(stack));
	take_image(&origin);
}
