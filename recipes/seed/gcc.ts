import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { binutils } from './binutils.js'
import { gccLibs } from './gcc-libs.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** The folder that GCC calls its own. */
const own = 'lib/gcc/x86_64-linux-gnu/12'

/** The usual names, and the assembler and linker where the compiler looks first. */
const names = sh`cd "$out/bin"
for program in x86_64-linux-gnu-*-12; do
  name=\${program#x86_64-linux-gnu-}
  ln -snf "$program" "$name"
  ln -snf "$program" "\${name%-12}"
done
ln -s gcc cc
ln -s g++ c++
for program in as ld ld.bfd ld.gold ar nm ranlib strip objcopy objdump; do
  ln -s ${binutils}/bin/"$program" "$out"/${own}/"$program"
done`

/** Takes the machine's own headers out of the compilers' sight; the names keep their lengths. */
const defaultFolders = sh`for compiler in cc1 cc1plus; do
  sed -i -E 's,^/usr/(local/)?include(/x86_64-linux-gnu)?$,/no-/\1include\2,' "$out"/${own}/"$compiler"
done`

/**
 * GCC finds its own parts beside itself. Where the C library lies it learns from its specs; they have to be
 * all of them, for a file of specs replaces those compiled in.
 */
const specs = sh`specs=$out/${own}/specs
"$out/bin/gcc" -dumpspecs > dumped
edit() { sed -i "/^\\*$1:\$/{n;$2}" dumped; }
edit cpp 's|^|-idirafter '${glibc}'/include |'
edit cc1plus "s|^|%{!nostdinc++:-isystem $out/include/c++/12 -isystem $out/include/x86_64-linux-gnu/c++/12 -isystem $out/include/c++/12/backward} |"
edit startfile_prefix_spec 's|.*|'${glibc}'/lib/ '${gccLibs}'/lib/|'
sed -i 's|/lib64/ld-linux-x86-64.so.2|'${glibc}'/lib/ld-linux-x86-64.so.2|g' dumped
mv dumped "$specs"`

/** The compilers of C and C++. */
export const gcc = relocated({
  name: 'gcc',
  debs: ['gcc-12', 'cpp-12', 'g++-12', 'libgcc-12-dev', 'libstdc++-12-dev'],
  inputs: { bash, glibc, libraries, gccLibs, binutils },
  // Links to libraries that are not among the pins.
  without: ['asan', 'cc1', 'itm', 'lsan', 'tsan', 'ubsan'].map(name => `${own}/lib${name}.so`),
  finish: sh`${names}
${defaultFolders}
${specs}`,
  meta: {
    synopsis: 'Compilers of C and C++',
    homepage: 'https://gcc.gnu.org/',
    license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
  },
})
