import { recipe, sh, trivial, unpackDeb } from 'store/recipe'
import { deb, versionOf } from './deb.js'

/** The one package that the program unpacks itself. Its program needs no library. */
const unpacked = unpackDeb(deb('busybox-static'))

/** The first shell and the small tools that everything else is unpacked and relocated with. */
export const busybox = recipe({
  name: 'busybox',
  version: versionOf('busybox-static'),
  phases: trivial(
    sh`busybox=${unpacked}/bin/busybox
"$busybox" mkdir -p "$out/bin"
"$busybox" cp "$busybox" "$out/bin/busybox"
for program in $("$busybox" --list); do
  [ "$program" = busybox ] || "$busybox" ln -s busybox "$out/bin/$program"
done`,
    { shell: sh`${unpacked}/bin/busybox`, shellArguments: ['sh'] },
  ),
  searchPaths: { PATH: ['bin'] },
  meta: {
    synopsis: 'The first shell of the bootstrap, with small versions of the usual tools',
    homepage: 'https://busybox.net/',
    license: 'GPL-2.0-only',
  },
})
