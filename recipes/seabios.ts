import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { python } from './python.js'
import { toolchain } from './toolchain.js'

export const seabios = recipe({
  name: 'seabios',
  version: '1.16.2',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/s/seabios/seabios_1.16.2.orig.tar.gz',
    hash: 'sha256:efa8d529442ad168056f94ac6666b1b3543c62ff7af6d9e020561f4d0e32f959',
  }),
  inputs: { ...toolchain, python },
  phases: gnu()
    .replace('configure', () => sh`make SHELL="$SHELL" PYTHON=python3 olddefconfig`)
    .withOptions({ makeFlags: ['PYTHON=python3'] })
    .without('check', 'the tests start virtual machines')
    .replace(
      'install',
      () => sh`mkdir -p "$out/share/seabios"
cp out/bios.bin "$out/share/seabios/"`,
    ),
  meta: {
    synopsis: 'BIOS for virtual machines',
    homepage: 'https://www.seabios.org/',
    license: 'LGPL-3.0-or-later',
  },
})
