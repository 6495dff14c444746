import { sh, type Text } from 'store/recipe'

/**
 * Gives every ELF file the dynamic linker of `glibc` and a RUNPATH. A library does not inherit the RUNPATH
 * of what loads it, so each file names the folders of its own needs; and names no other, for each is a reference.
 */
export const repairElf = (glibc: Text, folders: Text) => sh`runpath_of() {
  local library folder found path=
  for library in $(patchelf --print-needed "$1"); do
    found=
    for folder in "$out/lib" "$(dirname "$1")" ${folders}; do
      if [ -e "$folder/$library" ]; then found=$folder; break; fi
    done
    if [ -z "$found" ]; then echo "$1: there is no $library" >&2; return 1; fi
    case ":$path:" in *":$found:"*) ;; *) path=$path\${path:+:}$found ;; esac
  done
  echo "$path"
}
find "$out" -type f \( -perm /111 -o -name '*.so' -o -name '*.so.*' \) | sort | while read -r file; do
  [ "$(head -c 4 "$file")" = "$(printf '\177ELF')" ] || continue
  path=$(runpath_of "$file")
  [ -n "$path" ] || continue
  if patchelf --print-interpreter "$file" > interpreter 2>&1; then
    patchelf --set-interpreter ${glibc}/lib/ld-linux-x86-64.so.2 --set-rpath "$path" "$file"
  else
    patchelf --set-rpath "$path" "$file"
  fi
done`
