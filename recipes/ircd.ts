import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { ncurses } from './ncurses.js'
import { toolchain } from './toolchain.js'
import { zlib } from './zlib.js'

export const ircd = recipe({
  name: 'ircd',
  version: '2.11.2p3',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/i/ircd-irc2/ircd-irc2_2.11.2p3~dfsg.orig.tar.gz',
    hash: 'sha256:ed0130903edc6799facf659c4371246c042fd858388ac595a960795d6b0f659b',
  }),
  inputs: { ...toolchain, ncurses, zlib },
  phases: gnu({
    configureFlags: [
      sh`--sysconfdir="$out/etc"`,
      sh`--localstatedir="$out/var"`,
      sh`--mandir="$out/share/man"`,
    ],
  })
    .after('configure', { name: 'enter', script: () => sh`cd "$(support/config.guess)"` })
    .without('check', 'there are no tests'),
  meta: {
    synopsis: 'The first server of Internet Relay Chat',
    homepage: 'http://www.irc.org/',
    license: 'GPL-1.0-or-later',
  },
})
