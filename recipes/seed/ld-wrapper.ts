import { sh } from 'store/recipe'

/**
 * The program `ld`: links, and gives the result a RUNPATH of exactly the store folders of the libraries that
 * it needs. What it needs is known only afterwards, since compilers ask to leave out unneeded libraries; so
 * the folders are guessed from the arguments, and the guess is corrected by linking once more.
 */
export const ldWrapper = sh`#!@bash@
# Links, and lets the result find its libraries where the linker found them.
case "\${0##*/}" in
  *gold) linker=@binutils@/libexec/ld.gold ;;
  *) linker=@binutils@/libexec/ld.bfd ;;
esac

output=a.out static=
folders=() libraries=() declared=:

# The arguments that decide which libraries are found, also those in response files.
read_arguments() {
  local -a words
  while [ $# -gt 0 ]; do
    case "$1" in
      -o | --output) output="$2"; shift ;;
      -L | --library-path) folders+=("$2"); shift ;;
      -l | --library) libraries+=("lib$2.so"); shift ;;
      -plugin | -dynamic-linker) shift ;;
      -rpath | --rpath | -R) declared+="$2:"; shift ;;
      --output=*) output="\${1#*=}" ;;
      --library-path=*) folders+=("\${1#*=}") ;;
      --library=*) libraries+=("lib\${1#*=}.so") ;;
      -rpath=* | --rpath=*) declared+="\${1#*=}:" ;;
      -static | -Bstatic | -r | -i) static=yes ;;
      -o*) output="\${1#-o}" ;;
      -L*) folders+=("\${1#-L}") ;;
      -l:*) libraries+=("\${1#-l:}") ;;
      -l*) libraries+=("lib\${1#-l}.so") ;;
      /*.so | /*.so.*) folders+=("\${1%/*}"); libraries+=("\${1##*/}") ;;
      @?*)
        # One that is not a file can be read only once, and that is the turn of the linker.
        [ -f "\${1#@}" ] || { shift; continue; }
        words=()
        while read -a line || [ "\${#line[@]}" != 0 ]; do words+=("\${line[@]}"); done < "\${1#@}"
        read_arguments "\${words[@]}"
        ;;
    esac
    shift
  done
}

# Sets folder to the first one in which a file fits the pattern, of the patterns in turn.
find_folder() {
  local pattern
  for pattern; do
    for folder in "\${folders[@]}"; do
      compgen -G "$folder/$pattern" > /dev/null && return
    done
  done
  return 1
}

# The options for the store folders of these libraries, in the array runpath. What the build made itself will lie in
# the folder lib of its output. The first argument is a pattern for what follows their names: a linker script or a
# link may lie elsewhere than the versioned file it stands for.
find_runpath() {
  local version="$1" library folder seen="$declared"
  shift
  runpath=()
  for library; do
    find_folder "$library$version" "$library" || continue
    folder="$(cd -P "$folder" && pwd)"
    case "$folder" in
      /store/*) ;;
      *) folder="\${out:+$out/lib}" ;;
    esac
    case "$seen" in
      *":$folder:"*) continue ;;
    esac
    [ -z "$folder" ] || { seen+="$folder:"; runpath+=(-rpath "$folder"); }
  done
}

# The libraries that the output needs, in the array needed, and whether it looks for any.
read_needed() {
  local line
  needed=() dynamic=
  while IFS= read -r line; do
    case "$line" in
      *'(NEEDED)'*) dynamic=yes; line="\${line##*[}"; needed+=("\${line%]}") ;;
      *'(RUNPATH)'* | *'(RPATH)'*) dynamic=yes ;;
    esac
  done < <(LC_ALL=C @binutils@/bin/readelf -d "$output" 2>/dev/null)
}

# Of the machine's own folders the linker is to know nothing.
link() { "$linker" -nostdlib "$@"; }

read_arguments "$@"
[ -n "$static" ] && libraries=()
find_runpath '.[0-9]*' "\${libraries[@]}"
guess="\${runpath[*]}"
link "$@" "\${runpath[@]}" || exit
[ -f "$output" ] || exit 0
read_needed
find_runpath '' "\${needed[@]}"
[ -z "$dynamic" ] || [ "\${runpath[*]}" = "$guess" ] || link "$@" "\${runpath[@]}"`
