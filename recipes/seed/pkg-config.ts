import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** The program that tells compilers where libraries are; it knows of none but those in PKG_CONFIG_PATH. */
export const pkgConfig = relocated({
  name: 'pkg-config',
  debs: ['pkgconf-bin', 'libpkgconf3'],
  inputs: { bash, glibc, libraries },
  links: { 'bin/pkg-config': 'pkgconf' },
  finish: sh`for file in "$out"/bin/pkgconf "$out"/lib/libpkgconf.so.3.0.0; do
  sed -i '/^\/usr\/.*pkgconfig/s,/usr/,/no-/,g' "$file"
done`,
  meta: {
    synopsis: 'Tells compilers and linkers where libraries are',
    homepage: 'http://pkgconf.org/',
    license: 'ISC',
  },
})
