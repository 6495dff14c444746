/*
 * Where the boot code jumps to: saves what it pushed for the C code, and goes back to the program behind its
 * call, with every register as the kernel leaves it there.
 */
__asm__(".section .entry, \"ax\"\n"
	"	push %rbx\n"
	"	mov %rsp, %rbx\n"
	"	lea 8(%rsp), %rdi\n"
	"	mov %r8, %rsi\n"
	"	and $-16, %rsp\n"
	"	cld\n"
	"	call start_shim\n"
	"	mov %rbx, %rsp\n"
	"	pop %rbx\n"
	"	pop %rcx\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %r10\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	lea 128(%rsp), %rsp\n"
	"	jmp *%rcx\n"
	".previous\n");
