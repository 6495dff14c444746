import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from './busybox.js'
import { versionOf } from './deb.js'
import { unpackDebs } from './relocate/unpack.js'

/**
 * The editor of ELF files, as Debian built it beside the libraries it needs. Nothing here is relocated
 * yet, for relocating takes patchelf: the dynamic linker is called by name and told where to look.
 */
export const patchelf = recipe({
  name: 'patchelf',
  version: versionOf('patchelf'),
  inputs: { busybox },
  phases: trivial(
    sh`${unpackDebs(['patchelf', 'libc6', 'libgcc-s1', 'libstdc++6'])}
mkdir -p "$out/bin" "$out/lib"
cp root/usr/bin/patchelf "$out/lib/patchelf"
for library in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libgcc_s.so.1 libstdc++.so.6; do
  find root -name "$library" -exec cp -L {} "$out/lib/$library" \;
done
cat > "$out/bin/patchelf" <<end
#!${busybox}/bin/sh
exec $out/lib/ld-linux-x86-64.so.2 --library-path $out/lib $out/lib/patchelf "\$@"
end
chmod +x "$out/bin/patchelf"`,
    { shell: sh`${busybox}/bin/sh` },
  ),
  searchPaths: { PATH: ['bin'] },
  meta: {
    synopsis: 'Editor of the paths inside ELF files',
    homepage: 'https://github.com/NixOS/patchelf',
    license: 'GPL-3.0-or-later',
  },
})
