/*
 * Dynamic loaders that bring the shim along: a copy whose entry first maps the image covers the original, so that
 * programs that are started by it need no supervisor. Where the image cannot be opened, as in a root of the build's
 * own, the copy goes on as the original does, and the program is caught as any other.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "image.h"
#include "tracer.h"

/*
 * As the kernel starts a loader every register but the stack's is free. One that is run as a program itself knows that
 * by where it is entered, which AT_ENTRY says.
 */
__asm__(".section .rodata\n"
	".globl loader_stub, loader_stub_number, loader_stub_back, loader_stub_end\n"
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
	"	js 5f\n"
	"	mov %eax, %r8d\n"
	"	movabs $0x7fff80000000, %rdi\n"        /* SHIM_BASE */
	"	mov $0x10000, %esi\n"                  /* SHIM_IMAGE_SIZE */
	"	mov $13, %edx\n"                       /* PROT_READ | PROT_EXEC | PROT_SEM: no library's code */
	"	mov $0x100002, %r10d\n"                /* MAP_PRIVATE | MAP_FIXED_NOREPLACE */
	"	xor %r9d, %r9d\n"
	"	mov $9, %eax\n"                        /* SYS_mmap */
	"	syscall\n"
	"	cmp %rdi, %rax\n"
	"	jne 4f\n"
	"	.byte 0xba\n"                          /* mov $number, %edx */
	"loader_stub_number:\n"
	"	.long 0\n"
	"	add $0x80, %rax\n"                     /* SHIM_LOADED */
	"	jmp *%rax\n"
	"4:	mov %r8d, %edi\n"
	"	mov $3, %eax\n"                        /* SYS_close */
	"	syscall\n"
	"5:	xor %edx, %edx\n"
	"	jmp *%rbp\n"
	"loader_stub_end:\n"
	"	.byte 0\n"
	".previous\n");

extern const unsigned char loader_stub[], loader_stub_number[], loader_stub_back[], loader_stub_end[];

_Static_assert(SHIM_BASE == 0x7fff80000000ul && SHIM_IMAGE_SIZE == 0x10000 && SHIM_LOADED == SHIM_BASE + 0x80 &&
	IMAGE_OPEN == 0x73746f7300000000ul, "the stub names them");

#define PAGE 0x1000ul

/* The loader's own files are small. */
enum { MAX_LOADER = 16 << 20, STUB_ALIGNMENT = 16 };

static int make_path(char path[FOLDER_ROOM + 32], const struct tracer *tracer, const char *name, int number)
{
	return snprintf(path, FOLDER_ROOM + 32, number < 0 ? "%s/%s" : "%s/%s-%d", tracer->loaders.folder, name, number);
}

/* Below the working directory, which will be the root. */
static const char *relative(const char *path)
{
	return path + 1;
}

int tracer_use_folder(struct tracer *tracer, const char *folder)
{
	if (strlen(folder) >= FOLDER_ROOM)
		return errno = ENAMETOOLONG, -1;
	strcpy(tracer->loaders.folder, folder);
	return mkdir(relative(folder), 0755);
}

/* Any process of the build opens it, whatever its user; it lies on a mount of its own, for the root may not be written. */
static int make_image_file(const struct tracer *tracer)
{
	char path[FOLDER_ROOM + 32];
	int file;

	if (!tracer->loaders.folder[0])
		return memfd_create("shim", MFD_CLOEXEC);
	make_path(path, tracer, "image", -1);
	file = open(relative(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file < 0 || fchmod(file, 0666) < 0 || close(file) < 0 ||
		mount(relative(path), relative(path), NULL, MS_BIND, NULL) < 0)
		return -1;
	return open(relative(path), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

int tracer_make_image(struct tracer *tracer)
{
	tracer->image = make_image_file(tracer);
	return tracer->image < 0 ? -1 : fill_image(tracer->image, &tracer->settings, &tracer->loaders);
}

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

/* Whether the code's last page has nothing but zeros up to `end`, and they are nobody else's. */
static int is_free(const unsigned char *bytes, size_t size, const Elf64_Phdr *code, size_t end)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(bytes + header->e_phoff);
	size_t start = code->p_offset + code->p_filesz;

	if (end > size || end > ((start + PAGE - 1) & -PAGE))
		return 0;
	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && segments[i].p_offset < end && segments[i].p_offset >= start)
			return 0;
	while (start < end && !bytes[start])
		start++;
	return start == end;
}

/* Writes the stub behind the code and enters there. */
static int put_stub(unsigned char *bytes, size_t size, uint32_t number, const char *image)
{
	Elf64_Ehdr *header = (Elf64_Ehdr *)bytes;
	Elf64_Phdr *code = find_code(bytes, size);
	size_t stub = loader_stub_end - loader_stub, path = strlen(image) + 1, start, end, entry;
	int32_t back;

	if (!code)
		return errno = ENOEXEC, -1;
	start = (code->p_offset + code->p_filesz + STUB_ALIGNMENT - 1) & -(size_t)STUB_ALIGNMENT;
	end = start + stub + path;
	if (!is_free(bytes, size, code, end))
		return errno = ENOEXEC, -1;
	memcpy(bytes + start, loader_stub, stub);
	memcpy(bytes + start + stub, image, path);
	memcpy(bytes + start + (loader_stub_number - loader_stub), &number, sizeof number);
	entry = start + code->p_vaddr - code->p_offset;
	back = header->e_entry - (entry + (loader_stub_back - loader_stub) + sizeof back);
	memcpy(bytes + start + (loader_stub_back - loader_stub), &back, sizeof back);
	code->p_filesz = code->p_memsz = end - code->p_offset;
	header->e_entry = entry;
	return 0;
}

static int write_all(const char *path, mode_t mode, const unsigned char *bytes, size_t size)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), result;

	if (file < 0)
		return -1;
	result = write(file, bytes, size) == (ssize_t)size ? fchmod(file, mode) : -1;
	/* What is open for writing cannot be executed. */
	return close(file) < 0 ? -1 : result;
}

static int copy_loader(const struct tracer *tracer, int original, const char *copy)
{
	char image[FOLDER_ROOM + 32];
	unsigned char *bytes = NULL;
	struct stat status;
	int result = -1;

	if (fstat(original, &status) < 0)
		return -1;
	if (!S_ISREG(status.st_mode) || status.st_size > MAX_LOADER)
		return errno = ENOEXEC, -1;
	make_path(image, tracer, "image", -1);
	bytes = malloc(status.st_size);
	if (bytes && pread(original, bytes, status.st_size, 0) == status.st_size &&
		put_stub(bytes, status.st_size, tracer->loaders.count, image) == 0)
		result = write_all(copy, status.st_mode & 0777, bytes, status.st_size);
	free(bytes);
	return result;
}

/* The shim finds the original behind this name. */
static int keep_original(const struct tracer *tracer, int original)
{
	char path[FOLDER_ROOM + 32], source[32];
	int file;

	make_path(path, tracer, "original", tracer->loaders.count);
	snprintf(source, sizeof source, "/proc/self/fd/%d", original);
	file = open(relative(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return file < 0 || close(file) < 0 ? -1 : mount(source, relative(path), NULL, MS_BIND, NULL);
}

static int describe(const struct tracer *tracer, struct loader *loader, int original, const char *copy)
{
	char path[FOLDER_ROOM + 32];
	struct statx file;

	make_path(path, tracer, "original", tracer->loaders.count);
	if (statx(original, "", AT_EMPTY_PATH, STATX_MNT_ID, &file) < 0)
		return -1;
	loader->mount = file.stx_mnt_id;
	if (statx(AT_FDCWD, relative(path), 0, STATX_MNT_ID, &file) < 0)
		return -1;
	loader->kept = file.stx_mnt_id;
	if (statx(AT_FDCWD, copy, 0, STATX_INO, &file) < 0)
		return -1;
	loader->device = makedev(file.stx_dev_major, file.stx_dev_minor);
	loader->inode = file.stx_ino;
	return 0;
}

int tracer_cover_loader(struct tracer *tracer, int original, const char *path)
{
	static const unsigned long kept = MS_RDONLY | MS_NOSUID | MS_NODEV;
	struct loaders *loaders = &tracer->loaders;
	char copy[FOLDER_ROOM + 32];

	if (loaders->count == LOADERS)
		return errno = ENOEXEC, -1;
	make_path(copy, tracer, "loader", loaders->count);
	if (copy_loader(tracer, original, relative(copy)) < 0 || keep_original(tracer, original) < 0 ||
		describe(tracer, &loaders->items[loaders->count], original, relative(copy)) < 0)
		return -1;
	if (mount(relative(copy), path, NULL, MS_BIND, NULL) < 0 ||
		mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | kept, NULL) < 0)
		return -1;
	loaders->count++;
	return 0;
}
