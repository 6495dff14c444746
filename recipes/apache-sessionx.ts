import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { apacheSession } from './apache-session.js'
import { perl } from './perl.js'
import { toolchain } from './toolchain.js'

export const apacheSessionx = recipe({
  name: 'apache-sessionx',
  version: '2.01',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/liba/libapache-sessionx-perl/libapache-sessionx-perl_2.01.orig.tar.gz',
    hash: 'sha256:c31e9167ef58255d65938cf3513b7a344428364fca4e1014a8d7787ceebf422d',
  }),
  inputs: { ...toolchain, perl, apacheSession },
  phases: gnu({ makeFlags: ['PERL=perl', 'FULLPERL=perl'] })
    .without('check', 'the tests wait for what they start with /usr/bin/perl')
    .replace(
      'configure',
      // It asks which stores to configure, and of each where it lies: files alone, without semaphores.
      () => sh`printf '%s\n' n n y /tmp /tmp |
  perl Makefile.PL PREFIX="$out" LIB="$out/share/perl5" INSTALLMAN3DIR="$out/share/man/man3"`,
    ),
  searchPaths: { PERL5LIB: ['share/perl5'] },
  meta: {
    synopsis: 'Data that is kept between requests, configured for each machine, for Perl',
    homepage: 'https://metacpan.org/dist/Apache-SessionX',
    license: 'GPL-1.0-or-later OR Artistic-1.0-Perl',
  },
})
