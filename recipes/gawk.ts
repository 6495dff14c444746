import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { readline } from './readline.js'
import { toolchain } from './toolchain.js'

export const gawk = recipe({
  name: 'gawk',
  version: '5.2.1',
  // Debian's copy of the release, without the manual, whose licence Debian does not take.
  source: fetchTarball({
    url: 'mirror://debian/pool/main/g/gawk/gawk_5.2.1.orig.tar.xz',
    hash: 'sha256:2337a0283b180ec1b9c727973a34781c6478b3ae9bcbdcca0a4dc49861d75a65',
  }),
  inputs: { ...toolchain, readline },
  phases: gnu({ configureFlags: ['--without-mpfr'] }).before('configure', {
    name: 'adapt',
    // The manual is not made, and three tests are not run that ask for a locale of the United States.
    script: () => sh`sed -i -e ':join; /\\$/ { N; b join }' \
  -e 's/^\(INFO_DEPS\|TEXINFOS\|DVIS\|PDFS\|PSS\|HTMLS\|info_TEXINFOS\) =.*/\1 =/' doc/Makefile.in
sed -i 's,^$(srcdir)/stamp-eg:.*,$(srcdir)/stamp-eg:,' awklib/Makefile.in
sed -i -E '/^\t/s/\b(commas|mbstr1|mbstr2)( |$)/\2/g' test/Makefile.in`,
  }),
  meta: {
    synopsis: 'The GNU implementation of awk',
    homepage: 'https://www.gnu.org/software/gawk/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'gawk',
  },
})
