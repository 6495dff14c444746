import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { ncurses } from './ncurses.js'
import { toolchain } from './toolchain.js'

export const omegaRpg = recipe({
  name: 'omega-rpg',
  version: '0.90-pa9',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/o/omega-rpg/omega-rpg_0.90-pa9.orig.tar.gz',
    hash: 'sha256:1c91efa6939a9ca550cd0fad910fcc94c735893f33f6f80974632a65cca6fc42',
  }),
  inputs: { ...toolchain, ncurses },
  phases: gnu({
    makeFlags: ['CUROBJ=', 'OPDEF=', 'CPPFLAGS=', 'LDFLAGS=', 'LIBS=-lncurses', 'OFLAGS=-O2 -fcommon'],
    parallelBuild: false,
  })
    .replace('configure', () => sh`sed -i "s|\"./lib/\"|\"$out/share/omega/\"|" defs.h`)
    .without('check', 'there are no tests')
    .replace(
      'install',
      () => sh`mkdir -p "$out/bin" "$out/share/omega"
cp omega "$out/bin/omega-rpg"
rm -r lib/CVS
cp lib/* "$out/share/omega/"`,
    ),
  meta: {
    synopsis: 'Game of roles in a large world, on terminals',
    homepage: 'http://www.alcyone.com/max/projects/omega/',
    license: 'LGPL-2.0-or-later',
  },
})
