import { sh } from 'store/recipe'

/**
 * Moves `root` into the output as a store object is laid out: programs in `bin`, libraries in `lib`.
 * Debian puts them into several folders each, because it serves several processors and two stages of a boot.
 */
export const flatten = sh`move() {
  [ -d "root/$1" ] || return 0
  mkdir -p "$out/$2"
  cp -a "root/$1/." "$out/$2/"
  rm -rf "root/$1"
}
rm -rf root/lib64
for folder in usr/lib/x86_64-linux-gnu lib/x86_64-linux-gnu usr/lib lib; do move "$folder" lib; done
for folder in usr/bin bin usr/sbin sbin; do move "$folder" bin; done
for folder in include libexec share; do move "usr/$folder" "$folder"; done`

/** Removes what only a distribution reads. The licences stay with what they are the licences of. */
export const trim = sh`for folder in bug gdb info lintian locale man menu pixmaps applications bash-completion; do
  rm -rf "$out/share/$folder"
done
if [ -d "$out/share/doc" ]; then
  find "$out/share/doc" ! -type d ! \( -type f -name copyright \) -exec rm {} +
fi
find "$out" -depth -mindepth 1 -type d -exec rmdir {} + 2>/dev/null || true`
