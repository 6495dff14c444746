import { sh, type Text } from 'store/recipe'

/**
 * Repairs links whose targets have moved. An absolute target is wrong whether or not it exists; one that
 * exists nowhere, because its package is not among the pins, takes its link with it.
 */
export const repairLinks = (folders: Text) => sh`find_moved() {
  local folder
  for folder in "$(dirname "$1")" "$out/lib" "$out/bin" ${folders}; do
    if [ -e "$folder/$2" ] && [ "$folder/$2" != "$1" ]; then echo "$folder/$2"; return; fi
  done
}
find "$out" -type l | sort | while read -r link; do
  target=$(readlink "$link")
  case "$target" in
    /*) ;;
    *) if [ -e "$link" ]; then continue; fi ;;
  esac
  moved=$(find_moved "$link" "\${target##*/}")
  case "$moved" in
    '') echo "$link: $target is not among the packages, left out"; rm "$link" ;;
    "$(dirname "$link")"/*) ln -snf "\${moved##*/}" "$link" ;;
    *) ln -snf "$moved" "$link" ;;
  esac
done`
