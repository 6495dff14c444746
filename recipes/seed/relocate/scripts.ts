import { sh, type Text } from 'store/recipe'

/** Points scripts at the interpreters among the inputs; one without its interpreter could not run and goes. */
export const repairScripts = (folders: Text) => sh`find_program() {
  local folder
  for folder in "$out/bin" ${folders}; do
    if [ -x "$folder/$1" ]; then echo "$folder/$1"; return; fi
  done
}
find "$out" -type f -perm /111 | sort | while read -r file; do
  [ "$(head -c 2 "$file")" = '#!' ] || continue
  line=$(head -n 1 "$file")
  interpreter=$(echo "$line" | sed 's/^#! *\([^ ]*\).*/\1/')
  case "$interpreter" in /store/*) continue ;; esac
  program=$(find_program "\${interpreter##*/}")
  if [ -z "$program" ]; then
    echo "$file: there is no \${interpreter##*/}, left out"
    rm "$file"
  else
    sed -i "1s,$interpreter,$program," "$file"
  fi
done`
