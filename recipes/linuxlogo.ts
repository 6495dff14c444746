import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const linuxlogo = recipe({
  name: 'linuxlogo',
  version: '6.0',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/l/linuxlogo/linuxlogo_6.0.orig.tar.xz',
    hash: 'sha256:f9320983cc6b590d723090248d384de40e6311a5fbaa81e5efb439936cd2201d',
  }),
  inputs: { ...toolchain },
  phases: gnu({ buildTargets: ['logos-all'], makeFlags: ['AR=ar'] })
    .without('check', 'there are no tests')
    .replace(
      'install',
      () => sh`mkdir -p "$out/bin" "$out/share/man/man1"
cp linux_logo "$out/bin/"
cp linux_logo.1.gz "$out/share/man/man1/"`,
    ),
  meta: {
    synopsis: 'Logos of the system, drawn with letters',
    homepage: 'https://www.deater.net/weave/vmwprod/linux_logo/',
    license: 'GPL-2.0-or-later',
    mainProgram: 'linux_logo',
  },
})
