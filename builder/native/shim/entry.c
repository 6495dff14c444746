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

/*
 * SHIM_LOADED, where a loader of ours jumps to: the image's descriptor is in r8, and where it goes on in rbp, which the
 * C code keeps.
 */
__asm__(".section .entry, \"ax\"\n"
	"	.org 0x80\n"
	"	mov %rsp, %rbx\n"
	"	mov %rsp, %rdi\n"
	"	mov %r8, %rsi\n"
	"	and $-16, %rsp\n"
	"	cld\n"
	"	call start_loaded\n"
	"	mov %rbx, %rsp\n"
	"	xor %edx, %edx\n"
	"	jmp *%rbp\n"
	".previous\n");

/*
 * SHIM_PATCHED, where redirected calls arrive, with the number in rax and the way back in rcx, which a system call
 * overwrites anyway. A struct call is pushed, below the red zone.
 */
__asm__(".section .entry, \"ax\"\n"
	"	.org 0x100\n"
	"	lea -128(%rsp), %rsp\n"
	"	push %rcx\n"
	"	push $0\n"
	"	push %r9\n"
	"	push %r8\n"
	"	push %r10\n"
	"	push %rdx\n"
	"	push %rsi\n"
	"	push %rdi\n"
	"	push %rax\n"
	"	mov %rsp, %rdi\n"
	"	push %rbx\n"
	"	mov %rsp, %rbx\n"
	"	and $-16, %rsp\n"
	"	cld\n"
	"	call dispatch\n"
	"	mov %rbx, %rsp\n"
	"	pop %rbx\n"
	"	add $8, %rsp\n"
	"	pop %rdi\n"
	"	pop %rsi\n"
	"	pop %rdx\n"
	"	pop %r10\n"
	"	pop %r8\n"
	"	pop %r9\n"
	"	add $8, %rsp\n"
	"	pop %rcx\n"
	"	lea 128(%rsp), %rsp\n"
	"	jmp *%rcx\n"
	".previous\n");
