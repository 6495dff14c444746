import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { glibc } from './glibc.js'
import { perl } from './perl.js'
import { relocated } from './relocate/relocated.js'
import { grep, m4, sed } from './tools.js'

/** Autoconf, Automake and Libtool, for sources that come without `configure`. They call each other by path. */
export const autotools = relocated({
  name: 'autotools',
  debs: ['autoconf', 'automake', 'libtool', 'autotools-dev'],
  inputs: { bash, glibc, perl },
  without: ['bin/dh_*', 'share/emacs', 'share/perl5'],
  links: { 'bin/automake': 'automake-1.16', 'bin/aclocal': 'aclocal-1.16' },
  finish: sh`grep -rlE '/usr/(share|bin)|/bin/(sed|grep)' "$out/bin" "$out/share" | while read -r file; do
  sed -i -E -e "s,/usr/share/(autoconf|automake|aclocal|libtool|misc)\b,$out/share/\1,g" \
    -e "s,\"/usr/share\",\"$out/share\",g" \
    -e 's,/usr/bin/m4\b,'${m4}'/bin/m4,g' -e "s,/usr/bin/(auto[a-z0-9]+)\b,$out/bin/\1,g" \
    -e 's,"/bin/sed",'${sed}'/bin/sed,g' -e 's,"/bin/grep,"'${grep}'/bin/grep,g' "$file"
done
sed -i '2i : "\${M4:='${m4}'/bin/m4}"' "$out/bin/libtoolize"
mkdir -p "$out/share/aclocal"`,
  searchPaths: { PATH: ['bin'], ACLOCAL_PATH: ['share/aclocal'] },
  meta: {
    synopsis: 'Autoconf, Automake and Libtool: makers of configure scripts',
    homepage: 'https://www.gnu.org/software/automake/',
    license: 'GPL-3.0-or-later',
  },
})
