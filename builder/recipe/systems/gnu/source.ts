import type { Phase } from '../../phases.js'
import { type FetchedSource, type LocalSource, type Source, unpackArchive } from '../../source.js'
import { lines, sh } from '../../text.js'
import type { GnuOptions } from './options.js'

/** What the programs of a toolchain do not unpack: it is done before the build. */
const foreign = /\.(zip|tar\.zst|tzst)$/

/** Makes the source the working directory: an archive is unpacked, a folder copied and made writable. */
export const unpack: Phase<unknown> = {
  name: 'unpack',
  script: (_options, { source }) =>
    source?.kind === 'source' && isArchive(source) && foreign.test(source.name)
      ? sh`cp -a --no-preserve=ownership ${unpackArchive(source)} source
cd source
chmod -R u+w .`
      : unpackByTar,
}

const isArchive = (source: Source): source is FetchedSource | LocalSource =>
  source.type === 'local' || (source.type === 'fetched' && source.archive)

const unpackByTar = sh`if [ -d "$source" ]; then
  cp -a --no-preserve=ownership "$source" source
else
  mkdir source
  case "$source" in
    *.tar|*.tar.*|*.tgz|*.tbz2|*.txz) tar -xf "$source" -C source ;;
    *) cp -a --no-preserve=ownership "$source" "source/$(basename "$source" | cut -c 34-)" ;;
  esac
  # Most archives hold one folder, which then is the source.
  set -- source/*
  if [ $# = 1 ] && [ -d "$1" ]; then mv "$1" unpacked; rmdir source; mv unpacked "\${1##*/}"; set -- "\${1##*/}"
  else set -- source; fi
fi
cd "\${1:-source}"
chmod -R u+w .`

export const patch: Phase<GnuOptions> = {
  name: 'patch',
  script: ({ patches }) => sh`for patch in ${patches}; do
  echo "applying $patch"
  patch -p1 --batch --no-backup-if-mismatch < "$patch"
done`,
}

/**
 * `patch_shebangs FOLDER...` points scripts at the interpreters among the inputs: there is no
 * /usr/bin/env and no /usr/bin/perl in a build. Times are kept, or make would take the scripts for
 * newer than they are.
 */
const patchShebangs = sh`patch_shebangs() {
  local file line program found
  local -a words
  while IFS= read -r -d '' file; do
    LC_ALL=C IFS= read -r -N 2 line < "$file" 2>/dev/null || continue
    [ "$line" = '#!' ] || continue
    IFS= read -r line < "$file" || true
    read -r -a words <<< "\${line#'#!'}"
    program="\${words[0]:-}"
    case "$program" in /store/*) continue ;; esac
    words=("\${words[@]:1}")
    if [ "\${program##*/}" = env ]; then
      [ "\${words[0]:-}" != -S ] || words=("\${words[@]:1}")
      program="\${words[0]:-}"
      words=("\${words[@]:1}")
    fi
    found="$(type -P "\${program##*/}" || true)"
    if [ -z "$found" ]; then echo "$file: no \${program##*/} among the inputs for $line"; continue; fi
    touch -r "$file" "$TMPDIR/.time"
    sed -i "1s|.*|#!$found\${words[*]:+ \${words[*]}}|" "$file"
    touch -r "$TMPDIR/.time" "$file"
  done < <(find "$@" -type f -perm /111 -print0)
  rm -f "$TMPDIR/.time"
}`

export const patchSourceShebangs: Phase<unknown> = {
  name: 'patch-source-shebangs',
  script: () => lines(patchShebangs, sh`patch_shebangs .`),
}

/** Makes `configure` where the source has only what it is made of, as archives of repositories do. */
export const bootstrap: Phase<unknown> = {
  name: 'bootstrap',
  script: () => sh`if ! [ -e configure ] && [ -e configure.ac ]; then
  if ! type -P autoreconf > /dev/null; then
    echo "There is no ./configure, and no autoreconf to make it; add the input autotools"
    exit 1
  fi
  autoreconf --force --install --verbose
fi`,
}
