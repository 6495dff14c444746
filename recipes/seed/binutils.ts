import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { gccLibs } from './gcc-libs.js'
import { glibc } from './glibc.js'
import { ldWrapper } from './ld-wrapper.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** Assembler, linkers and the tools for object files. */
export const binutils = relocated({
  name: 'binutils',
  debs: ['binutils-x86-64-linux-gnu', 'binutils-common', 'libbinutils', 'libctf0', 'libctf-nobfd0'],
  inputs: { bash, glibc, libraries, gccLibs },
  // The profiler's library is not among the pins.
  without: ['bin/*gp-*', 'bin/*gprofng*', 'lib/gprofng'],
  finish: sh`cd "$out/bin"
mkdir -p ../libexec
mv x86_64-linux-gnu-ld.bfd ../libexec/ld.bfd
mv x86_64-linux-gnu-ld.gold ../libexec/ld.gold
rm x86_64-linux-gnu-ld x86_64-linux-gnu-gold
for program in x86_64-linux-gnu-*; do
  ln -s "$program" "\${program#x86_64-linux-gnu-}"
done
cat > ld.bfd <<'end'
${ldWrapper}
end
sed -i -e "s,@bash@,${bash}/bin/bash,; s,@binutils@,$out,g" ld.bfd
chmod +x ld.bfd
for name in ld ld.gold gold x86_64-linux-gnu-ld x86_64-linux-gnu-ld.bfd x86_64-linux-gnu-ld.gold; do
  ln -s ld.bfd "$name"
done`,
  meta: {
    synopsis: 'Assembler, linkers and tools for object files',
    homepage: 'https://www.gnu.org/software/binutils/',
    license: 'GPL-3.0-or-later',
  },
})
