#ifndef TRACER_LAYOUT_H
#define TRACER_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

/*
 * Where everything of ours lies in every traced process: 2 GiB below the top of the stack. The kernel leaves room for
 * as large a stack as a program may have and maps the loader, the vDSO and libraries right below that: builds may have
 * 1 GiB, so those come to lie above or, once there are very many of them, around us. One memory file holds it all;
 * private state is anonymous memory.
 */
#define SHIM_BASE 0x7fff80000000ul
/* With the settings it is as much as a fault of a page brings in. */
#define SHIM_CODE_SIZE 0xf000ul
#define SHIM_SETTINGS (SHIM_BASE + SHIM_CODE_SIZE)
#define SHIM_IMAGE_SIZE (SHIM_CODE_SIZE + 0x1000ul)
#define SHIM_STATE (SHIM_BASE + 0x20000ul)
#define SHIM_STATE_SIZE 0x20000ul
/* As large pages lie. */
#define SHIM_SHARED (SHIM_BASE + 0x200000ul)
#define SHIM_TEXT (SHIM_BASE + 0x1a00000ul)
#define SHIM_END (SHIM_TEXT + TEXT_ROOM)

/*
 * Behind the settings: `syscall; ret` that is not the shim's own, so that the supervisor hears of brk(0, GIVE_UP, errno),
 * by which a process says that it cannot be traced.
 */
#define SHIM_OUTCRY (SHIM_SETTINGS + 0xff0ul)
#define GIVE_UP 0x6769766520757000ul

/* The sixth argument that lets one program be started before the shim is there. */
#define FIRST_EXEC 0x73746f7200000000ul

/* The same of an openat by which a loader of ours opens the image. */
#define IMAGE_OPEN 0x73746f7300000000ul

/* Where such a loader enters the image. */
#define SHIM_LOADED (SHIM_BASE + 0x80ul)

/* Where system calls come that are redirected. */
#define SHIM_PATCHED (SHIM_BASE + 0x100ul)

/* What a SIGSYS of our own filter carries in si_errno. */
#define TRAP_MARK 0x5354

/* The code that is written over the image's own, after the system call that was caught. */
enum { BOOT_SIZE = 80, BOOT_BYTES = 60, HANDOVERS = 1024 };

/* One image being caught: what the shim needs to undo the catch and to go on. */
struct handover {
	uint64_t ip;
	int32_t nr;
	/* Whether the program can write its own code, and the shim therefore as well. */
	int32_t writable;
	unsigned char bytes[BOOT_SIZE];
};

/* What must outlive a process image, by process id: at exec, and for the parent that waits. */
struct process_slot {
	int32_t pid;
	uint32_t reads;
	int64_t waited;
	uint64_t stream[2];
	uint32_t has_stream;
	/* What it became, from an exec on until the shim is there. */
	uint32_t program;
	uint32_t is_starting;
};

/* One host inode and the number that the build sees for it. */
struct inode_slot {
	uint64_t key;
	uint32_t birth;
	uint32_t number;
};

/* How often the same stream was asked for. */
struct occurrence_slot {
	uint64_t key;
	uint64_t count;
};

/* Room for the end of a program's path. */
enum { PROGRAM_NAME = 160 };

struct program_counts {
	/* 0: free, 1: being named, 2: named. */
	uint32_t named;
	char name[PROGRAM_NAME];
	uint64_t counts[CLASS_COUNT];
};

enum { PROCESS_SLOTS = 1 << 14, INODE_SLOTS = 1 << 19, OCCURRENCE_SLOTS = 1 << 16, PROGRAMS = 1 << 10 };

/* The code of one library with its system calls redirected, made by the first process that maps it. */
struct text_slot {
	uint64_t key;
	/* 0: free, 1: being made, 2: ready, 3: not worth it. */
	uint32_t ready;
	uint32_t offset;
};

enum { TEXT_SLOTS = 1 << 10, TEXT_ROOM = 1 << 23 };

/* One for the whole tree of processes. */
struct shared {
	struct handover handovers[HANDOVERS];
	/* The errno for which a process had to give up being traced, and ended; 0 for none. */
	int32_t refusal;
	uint32_t next_inode;
	uint32_t next_text;
	struct text_slot texts[TEXT_SLOTS];
	struct program_counts programs[PROGRAMS];
	struct process_slot processes[PROCESS_SLOTS];
	struct occurrence_slot occurrences[OCCURRENCE_SLOTS];
	struct inode_slot inodes[INODE_SLOTS];
	/* Whole pages, mapped over the libraries' own; executable in a mapping of its own. */
	_Alignas(4096) unsigned char text[TEXT_ROOM];
};

/* Where the texts lie in the memory file. */
enum { TEXT_OFFSET = 0x200000 + offsetof(struct shared, text) };

/* Facts about this machine's kernel that the shim needs, found once by the supervisor. */
struct machine_facts {
	/* Offsets within the vDSO. */
	uint32_t symbols;
	uint32_t symbols_size;
	uint32_t clock_gettime;
	uint32_t gettimeofday;
	uint32_t time;
	uint32_t getcpu;
	uint32_t getrandom;
	uint32_t vdso_size;
	uint32_t has_fsgsbase;
};

enum { LOADERS = 4, FOLDER_ROOM = 64 };

/* One whose copy, with our code in it, lies over it. */
struct loader {
	/* The copy's own identity. */
	uint64_t device;
	uint64_t inode;
	/* The mounts of what it covers: where that was, and where it is kept. */
	uint64_t mount;
	uint64_t kept;
};

/* The C library that belongs to it: what its code is taken from, and where that lies in the file. */
struct library {
	uint64_t device;
	uint64_t inode;
	uint64_t offset;
	uint64_t size;
};

/* Those that were prepared; the originals of loaders and the code of libraries are in the folder. */
struct loaders {
	char folder[FOLDER_ROOM];
	uint32_t count;
	struct loader items[LOADERS];
	struct library libraries[LOADERS];
};

/* The page after the shim's code. */
struct shim_settings {
	struct tracer_settings settings;
	struct machine_facts facts;
	struct loaders loaders;
};

_Static_assert(SHIM_SHARED - SHIM_BASE == 0x200000, "the offset of texts says the same");
_Static_assert(sizeof(struct shim_settings) <= SHIM_OUTCRY - SHIM_SETTINGS, "the settings fit a page");
_Static_assert(SHIM_SHARED + sizeof(struct shared) <= SHIM_TEXT, "everything fits the shim's range");

#endif
