import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from './toolchain.js'
import { zlib } from './zlib.js'

export const tcl = recipe({
  name: 'tcl',
  version: '8.6.13',
  // Debian's copy of the release, without the compiled programs in it.
  source: fetchTarball({
    url: 'mirror://debian/pool/main/t/tcl8.6/tcl8.6_8.6.13+dfsg.orig.tar.gz',
    hash: 'sha256:83bce7277e3825df0179567e0d8a431ebb1a126df53ea4a94af89dd4dd0f26d5',
  }),
  inputs: { ...toolchain, zlib },
  phases: gnu({ configureFlags: [sh`--mandir="$out/share/man"`] })
    .before('configure', { name: 'enter', script: () => sh`cd unix` })
    .after('install', {
      name: 'settle',
      // What says where Tcl was built serves those who build on it there.
      script: () => sh`ln -s tclsh8.6 "$out/bin/tclsh"
sed -i "s|/tmp/guix-build-0/[^']*|$out|g" "$out/lib/tclConfig.sh"`,
    })
    .without('check', 'the suite takes long and wants a network and a terminal'),
  meta: {
    synopsis: 'The language Tcl',
    homepage: 'https://www.tcl-lang.org/',
    license: 'TCL',
    mainProgram: 'tclsh',
  },
})
