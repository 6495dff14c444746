import type { Phase } from '../../phases.js'
import type { Recipe } from '../../recipe.js'
import { sh, type Text, text } from '../../text.js'

/** The shell words that name every output. */
const outputsOf = ({ outputs }: Recipe): Text => text(outputs.map(name => `"$${name}"`).join(' '))

/** Moves what only compiling needs into `dev`, and documents into `doc`, where the recipe has them. */
export const split: Phase<unknown> = {
  name: 'split',
  script: (_options, { outputs }) => sh`move_to() {
  local target="$1" path; shift
  for path in "$@"; do
    [ -e "$out/$path" ] || [ -L "$out/$path" ] || continue
    mkdir -p "$(dirname "$target/$path")"
    cp -a "$out/$path" "$(dirname "$target/$path")/"
    rm -rf "\${out:?}/$path"
  done
}
${text(outputs.includes('dev') ? '(cd "$out"; shopt -s nullglob; move_to "$dev" include {lib,share}/pkgconfig share/aclocal lib/cmake lib/*.a bin/*-config share/man/man1/*-config.1* share/man/man3)' : ':')}
${text(outputs.includes('doc') ? 'move_to "$doc" share/doc share/info share/gtk-doc' : ':')}
${text(outputs.includes('dev') ? 'find "$dev" -name "*.pc" -exec sed -i "s|^includedir=.*|includedir=$dev/include|" {} +' : ':')}`,
}

/** Removes symbols and build paths that debuggers alone read; archives become deterministic. */
export const strip: Phase<unknown> = {
  name: 'strip',
  script: (_options, recipe) => sh`while IFS= read -r -d '' file; do
  LC_ALL=C IFS= read -r -N 4 magic < "$file" 2>/dev/null || continue
  case "$magic" in
    $'\177ELF') strip --strip-debug --preserve-dates "$file" ;;
    '!<ar') strip --strip-debug --enable-deterministic-archives --preserve-dates "$file" ;;
  esac
done < <(find ${outputsOf(recipe)} -type f -print0)`,
}

export const patchShebangs: Phase<unknown> = {
  name: 'patch-shebangs',
  script: (_options, recipe) => sh`patch_shebangs ${outputsOf(recipe)}`,
}

/** Removes what packages install for a machine-wide directory; compresses manual pages, also those with several names. */
export const clean: Phase<unknown> = {
  name: 'clean',
  script: (
    _options,
    recipe,
  ) => sh`find ${outputsOf(recipe)} \( -path '*/share/info/dir' -o -name '*.la' -o -name perllocal.pod -o -name .packlist \) -type f -delete
find ${outputsOf(recipe)} -path '*/share/man/*' -type f \( -name '*.[0-9]*' -o -name '*.n' \) ! -name '*.gz' -exec gzip -n -9 --force {} +
while IFS= read -r -d '' link; do
  target="$(readlink "$link")"
  if ! [ -e "$link" ] && [ -e "$(dirname "$link")/$target.gz" ]; then ln -s "$target.gz" "$link.gz"; rm "$link"; fi
done < <(find ${outputsOf(recipe)} -path '*/share/man/*' -type l -print0)
find ${outputsOf(recipe)} -mindepth 1 -type d -empty -delete`,
}

/** No output may remember the build directory: it is gone when somebody reads it. */
export const checkOutputs: Phase<unknown> = {
  name: 'check-outputs',
  script: (_options, recipe) => sh`if found="$(grep -rlF /tmp/guix-build-0 ${outputsOf(recipe)})"; then
  echo "These files name the build directory:"
  echo "$found"
  exit 1
fi`,
}

/** Every program and library finds the libraries it needs, by itself: there is no folder where all of them lie. */
export const checkLibraries: Phase<unknown> = {
  name: 'check-libraries',
  script: (_options, recipe) => sh`find_library() {
  local IFS=: folder
  for folder in $2; do
    [ ! -e "$folder/$1" ] || return 0
  done
  return 1
}
missing=
while IFS= read -r -d '' file; do
  LC_ALL=C IFS= read -r -N 4 magic < "$file" 2>/dev/null || continue
  [ "$magic" = $'\177ELF' ] || continue
  needed=() folders=
  while IFS= read -r line; do
    value="\${line##*[}" value="\${value%]}"
    case "$line" in
      *'(NEEDED)'*) needed+=("$value") ;;
      *'(RUNPATH)'* | *'(RPATH)'*) folders="\${value//'$ORIGIN'/\${file%/*}}" ;;
    esac
  done < <(readelf -d "$file" 2>/dev/null)
  for library in "\${needed[@]}"; do
    case "$library" in /* | ld-linux*) continue ;; esac
    find_library "$library" "$folders" || { echo "$file does not find $library"; missing=yes; }
  done
done < <(find ${outputsOf(recipe)} -type f \( -perm /111 -o -name '*.so*' \) -print0)
[ -z "$missing" ]`,
}
