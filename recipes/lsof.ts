import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const lsof = recipe({
  name: 'lsof',
  version: '4.95.0',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/l/lsof/lsof_4.95.0.orig.tar.bz2',
    hash: 'sha256:e9faa0fbcc48638c1d1f143e93573ac43b65e76646150f83e24bd8c18786303c',
  }),
  inputs: { ...toolchain },
  phases: gnu()
    .replace('configure', () => sh`./Configure -n linux`)
    .without('check', 'the suite looks at the processes and the network of a machine')
    .replace(
      'install',
      () => sh`mkdir -p "$out/bin" "$out/share/man/man8"
cp lsof "$out/bin/"
cp lsof.8 "$out/share/man/man8/"`,
    ),
  meta: {
    synopsis: 'List of the files that processes have open',
    homepage: 'https://github.com/lsof-org/lsof',
    license: 'Zlib',
  },
})
