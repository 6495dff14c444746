import { copy, fetchTarball, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const apacheSession = recipe({
  name: 'apache-session',
  version: '1.94',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/liba/libapache-session-perl/libapache-session-perl_1.94.orig.tar.gz',
    hash: 'sha256:fe69b76899afe90b8ae5b82de2aaa7575ada908937f4485b80aaef317563e99f',
  }),
  inputs: { ...toolchain },
  phases: copy({ files: { 'lib/Apache': 'share/perl5/' } }),
  searchPaths: { PERL5LIB: ['share/perl5'] },
  meta: {
    synopsis: 'Data that is kept between requests, for Perl',
    homepage: 'https://metacpan.org/dist/Apache-Session',
    license: 'GPL-1.0-or-later OR Artistic-1.0-Perl',
  },
})
