#!/bin/sh
# Builds the shim and the test driver: build-tracer.sh DIR puts shim.bin and traced there.
set -e
here=$(dirname "$0") out=$1
sh "$here/build-shim.sh" "$out"
${CC:-cc} -std=c11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -DSHIM_IMAGE="\"$out/shim.bin\"" \
	-o "$out/traced" "$here"/tracer/*.c "$here"/../../test/native/traced.c
