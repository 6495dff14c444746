import { sh, type Text } from 'store/recipe'

/**
 * Points scripts at the interpreters among the inputs. A program without its interpreter could not run and
 * goes; other files, such as modules with a first line for those who run them, stay as they are.
 */
export const repairScripts = (folders: Text) => sh`find_program() {
  local folder
  for folder in "$out/bin" ${folders}; do
    if [ -x "$folder/$1" ]; then echo "$folder/$1"; return; fi
  done
}
find "$out" -type f -perm /111 | sort | while read -r file; do
  [ "$(head -c 2 "$file")" = '#!' ] || continue
  words=$(head -n 1 "$file" | sed -e 's,^#! *,,' -e 's,^/usr/bin/env *,,')
  interpreter=\${words%% *}
  case "$interpreter" in /store/*) continue ;; esac
  program=$(find_program "\${interpreter##*/}")
  if [ -n "$program" ]; then
    sed -i "1s,.*,#!$program\${words#"$interpreter"}," "$file"
  elif [ "$(dirname "$file")" = "$out/bin" ]; then
    echo "$file: there is no \${interpreter##*/}, left out"
    rm "$file"
  fi
done`
