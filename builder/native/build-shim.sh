#!/bin/sh
# Builds the part of the tracer that goes into traced processes: build-shim.sh DIR puts shim.bin and shim.elf there.
set -e
here=$(dirname "$0") out=$1 cc=${CC:-cc}
flags='-std=c11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE'
alone='-ffreestanding -fPIE -fvisibility=hidden -fno-stack-protector -fno-asynchronous-unwind-tables
	-fcf-protection=none -fno-jump-tables -mgeneral-regs-only -fno-tree-loop-distribute-patterns'
shim="$flags $alone -nostdlib -static -Wl,-T,$here/shim/shim.ld -Wl,--build-id=none"
mkdir -p "$out"
$cc $shim -Wl,--oformat=binary -o "$out/shim.bin" "$here"/shim/*.c "$here/tracer/sites.c"
$cc $shim -o "$out/shim.elf" "$here"/shim/*.c "$here/tracer/sites.c"
