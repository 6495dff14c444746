import { sh } from 'store/recipe'
import { relocated } from './relocate/relocated.js'

/** Linker scripts name the libraries they stand for by absolute paths. */
const linkerScripts = sh`for script in libc.so libm.so libm.a; do
  sed -i -E "s,(/usr)?/lib(64)?(/x86_64-linux-gnu)?/,$out/lib/,g" "$out/lib/$script"
done`

/**
 * Takes the machine's own libraries out of the dynamic linker's sight: a missing library is an error,
 * never somebody else's. Lengths are compiled into the code, so each name is replaced by one as long.
 * (sed takes the NUL at the end of a string for the end of a line.)
 */
const defaultFolders = sh`linker=$out/lib/ld-linux-x86-64.so.2
size=$(stat -c %s "$linker")
sed -i -e 's,^/etc/ld\.so\.\(cache\|preload\)$,/no-/ld.so.\1,' -e 's,^\(/usr\|\)/lib/$,\1/no-/,' \
  -e 's,/lib/x86_64-linux-gnu/$,/no-/x86_64-linux-gnu/,' "$linker"
[ "$(stat -c %s "$linker")" = "$size" ]`

/** The C library with the kernel's headers, and its locale C.UTF-8. */
export const glibc = relocated({
  name: 'glibc',
  // libgcc_s is here because the C library itself loads it, when a thread is cancelled.
  debs: ['libc6', 'libc6-dev', 'libc-bin', 'libcrypt1', 'libcrypt-dev', 'linux-libc-dev', 'libgcc-s1'],
  without: [
    // What would change the machine, and scripts of shells, which themselves need the C library.
    ...['iconvconfig', 'ldconfig', 'zic', 'catchsegv', 'ldd', 'sotruss', 'tzselect'].map(
      name => `bin/${name}`,
    ),
  ],
  finish: sh`cp -a "$out"/include/x86_64-linux-gnu/. "$out/include/"
rm -rf "$out/include/x86_64-linux-gnu"
${linkerScripts}
${defaultFolders}`,
  // Compilers know where the C library is; it must come after the headers of C++, which include its own.
  searchPaths: { PATH: ['bin'], LOCPATH: ['lib/locale'], GCONV_PATH: ['lib/gconv'] },
  meta: {
    synopsis: 'The GNU C library',
    homepage: 'https://www.gnu.org/software/libc/',
    license: 'LGPL-2.1-or-later',
  },
})
