import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const uisp = recipe({
  name: 'uisp',
  version: '20050207',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/u/uisp/uisp_20050207.orig.tar.gz',
    hash: 'sha256:7c43c5f34f00a7243bda87457e43dc9122b5a3837b1370b30f39c1eecbedccae',
  }),
  inputs: { ...toolchain },
  phases: gnu({
    configureFlags: [sh`--mandir="$out/share/man"`],
    makeFlags: ['CXXFLAGS=-O2 -std=gnu++98 -Wno-error'],
  }).without('check', 'there are no tests'),
  meta: {
    synopsis: 'Programmer of AVR microcontrollers',
    homepage: 'https://savannah.nongnu.org/projects/uisp',
    license: 'GPL-2.0-or-later',
  },
})
