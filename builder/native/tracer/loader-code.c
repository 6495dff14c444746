/*
 * The code that a loader of ours is entered at: it maps the image, and goes on where the original begins. System calls
 * of loaders and libraries are redirected; where the image cannot be had the supervisor catches them at this code's own.
 */
#include "loader-code.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "layout.h"
#include "sites.h"

/*
 * As the kernel starts a loader every register but the stack's is free. One that is run as a program itself knows that
 * by where it is entered, which AT_ENTRY says.
 */
__asm__(".section .rodata\n"
	".globl loader_stub, loader_stub_back, loader_stub_end\n"
	"loader_stub:\n"
	"	.byte 0x48, 0x8d, 0x2d\n"              /* lea back(%rip), %rbp */
	"loader_stub_back:\n"
	"	.long 0\n"
	"	lea loader_stub(%rip), %rbx\n"
	"	mov (%rsp), %rax\n"
	"	lea 16(%rsp,%rax,8), %rax\n"           /* the environment */
	"1:	add $8, %rax\n"
	"	cmpq $0, -8(%rax)\n"
	"	jne 1b\n"
	"2:	cmpq $0, (%rax)\n"                     /* AT_NULL */
	"	je 3f\n"
	"	add $16, %rax\n"
	"	cmpq $9, -16(%rax)\n"                  /* AT_ENTRY */
	"	jne 2b\n"
	"	cmp %rbx, -8(%rax)\n"
	"	jne 3f\n"
	"	mov %rbp, -8(%rax)\n"
	"3:	lea loader_stub_end(%rip), %rsi\n"
	"	mov $-100, %edi\n"                     /* AT_FDCWD */
	"	mov $0x80002, %edx\n"                  /* O_RDWR | O_CLOEXEC */
	"	movabs $0x73746f7300000000, %r9\n"     /* IMAGE_OPEN */
	"	mov $257, %eax\n"                      /* SYS_openat */
	"	syscall\n"
	"	test %eax, %eax\n"
	"	js 4f\n"
	"	mov %eax, %r8d\n"
	"	movabs $0x7fff80000000, %rdi\n"        /* SHIM_BASE */
	"	mov $0x10000, %esi\n"                  /* SHIM_IMAGE_SIZE */
	"	mov $13, %edx\n"                       /* PROT_READ | PROT_EXEC | PROT_SEM: no library's code */
	"	mov $0x100002, %r10d\n"                /* MAP_PRIVATE | MAP_FIXED_NOREPLACE */
	"	xor %r9d, %r9d\n"
	"	mov $9, %eax\n"                        /* SYS_mmap */
	"	syscall\n"
	"	cmp %rdi, %rax\n"
	"	jne 5f\n"
	"	add $0x80, %rax\n"                     /* SHIM_LOADED */
	"	jmp *%rax\n"
	"5:	mov %r8d, %edi\n"
	"	mov $3, %eax\n"                        /* SYS_close */
	"	syscall\n"
	"4:	xor %edi, %edi\n"                      /* the supervisor catches brk(0) */
	"	mov $12, %eax\n"
	"	syscall\n"
	"	xor %edx, %edx\n"
	"	jmp *%rbp\n"
	"loader_stub_end:\n"
	"	.byte 0\n"
	".previous\n");

extern const unsigned char loader_stub[], loader_stub_back[], loader_stub_end[];

_Static_assert(SHIM_BASE == 0x7fff80000000ul && SHIM_IMAGE_SIZE == 0x10000 && SHIM_LOADED == SHIM_BASE + 0x80 &&
	IMAGE_OPEN == 0x73746f7300000000ul, "the stub names them");

#define PAGE 0x1000ul

enum { STUB_ALIGNMENT = 16 };

/* The one segment of code; NULL where there is none, or one that looks odd. */
static Elf64_Phdr *find_code(unsigned char *bytes, size_t size)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
	Elf64_Phdr *segments;

	if (size < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_machine != EM_X86_64 ||
		header->e_type != ET_DYN || header->e_phoff > size || header->e_phoff % 8 ||
		header->e_phnum * sizeof *segments > size - header->e_phoff)
		return NULL;
	segments = (Elf64_Phdr *)(bytes + header->e_phoff);
	for (Elf64_Phdr *segment = segments; segment < segments + header->e_phnum; segment++)
		if (segment->p_type == PT_LOAD && segment->p_flags == (PF_R | PF_X))
			return segment->p_filesz == segment->p_memsz && segment->p_offset <= size &&
				segment->p_filesz <= size - segment->p_offset ? segment : NULL;
	return NULL;
}

/* Where the code's last page ends. */
static size_t end_of(const Elf64_Phdr *code)
{
	return (code->p_offset + code->p_filesz + PAGE - 1) & -PAGE;
}

/* Whether the code's last page has nothing but zeros behind it, and they are nobody else's. */
static int has_room(const unsigned char *bytes, size_t size, const Elf64_Phdr *code)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(bytes + header->e_phoff);
	size_t at = code->p_offset + code->p_filesz, end = end_of(code);

	if (end > size || code->p_offset % PAGE)
		return 0;
	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && segments[i].p_offset < end && segments[i].p_offset >= at)
			return 0;
	while (at < end && !bytes[at])
		at++;
	return at == end;
}

/* Returns where room is left. */
static size_t redirect_code(unsigned char *bytes, const Elf64_Phdr *code)
{
	return code->p_offset + redirect(bytes + code->p_offset, end_of(code) - code->p_offset);
}

int redirect_library(unsigned char *bytes, size_t size, struct library *library)
{
	const Elf64_Phdr *code = find_code(bytes, size);

	if (!code || !has_room(bytes, size, code))
		return errno = ENOEXEC, -1;
	redirect_code(bytes, code);
	library->offset = code->p_offset;
	library->size = end_of(code) - code->p_offset;
	return 0;
}

int enter_image_first(unsigned char *bytes, size_t size, const char *image)
{
	Elf64_Ehdr *header = (Elf64_Ehdr *)bytes;
	Elf64_Phdr *code = find_code(bytes, size);
	size_t stub = loader_stub_end - loader_stub, path = strlen(image) + 1, start, end, entry;
	int32_t back;

	if (!code || !has_room(bytes, size, code))
		return errno = ENOEXEC, -1;
	start = (redirect_code(bytes, code) + STUB_ALIGNMENT - 1) & -(size_t)STUB_ALIGNMENT;
	end = start + stub + path;
	/* The catch overwrites what is behind a call. */
	if (end + BOOT_BYTES > end_of(code))
		return errno = ENOEXEC, -1;
	memcpy(bytes + start, loader_stub, stub);
	memcpy(bytes + start + stub, image, path);
	entry = start + code->p_vaddr - code->p_offset;
	back = header->e_entry - (entry + (loader_stub_back - loader_stub) + sizeof back);
	memcpy(bytes + start + (loader_stub_back - loader_stub), &back, sizeof back);
	code->p_filesz = code->p_memsz = end - code->p_offset;
	header->e_entry = entry;
	return 0;
}
