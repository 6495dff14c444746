import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { autotools } from './autotools.js'
import { perl } from './perl.js'
import { toolchain } from './toolchain.js'

export const make = recipe({
  name: 'make',
  version: '4.3',
  // Debian's copy of the release, without the manual, whose licence Debian does not take, and without configure.
  source: fetchTarball({
    url: 'mirror://debian/pool/main/m/make-dfsg/make-dfsg_4.3.orig.tar.gz',
    hash: 'sha256:be4c17542578824e745f83bcd2a9ba264206187247cb6a5f5df99b0a9d1f9047',
  }),
  // Perl runs the tests.
  inputs: { ...toolchain, autotools, perl },
  phases: gnu({ configureFlags: ['--without-guile'] })
    .before('bootstrap', {
      name: 'mend-bootstrap',
      // The manual is not there, newer versions of autoconf refuse a file that is named twice, and what asks for Guile
      // needs macros of pkg-config.
      script: () => sh`sed -i 's,doc/make.1,,' Makefile.am
sed -i '/^AC_CONFIG_FILES/s/ Makefile \\$/ \\/' configure.ac
echo 'AC_DEFUN([PKG_PROG_PKG_CONFIG]) AC_DEFUN([PKG_CHECK_EXISTS], [:]) AC_DEFUN([PKG_CHECK_MODULES], [:])' > m4/pkg.m4`,
    })
    .before('check', {
      name: 'select-tests',
      // One asks for /usr/include, one for the load of the machine, of which builds see none, and one takes a second for
      // long enough, which on a busy machine it is not.
      script: () => sh`for test in variables/INCLUDE_DIRS options/dash-l features/output-sync; do
  rm "tests/scripts/$test"
done`,
    }),
  // Its translations are prepared already.
  env: { AUTOPOINT: 'true' },
  meta: {
    synopsis: 'Builder of what has changed',
    homepage: 'https://www.gnu.org/software/make/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'make',
  },
})
