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

# The options for the store folders where libraries of these names are found, in the array runpath.
find_runpath() {
  local library folder seen="$declared"
  runpath=()
  for library; do
    for folder in "\${folders[@]}"; do
      [ -e "$folder/$library" ] || continue
      folder="$(cd -P "$folder" && pwd)"
      case "$folder" in
        /store/*)
          case "$seen" in
            *":$folder:"*) ;;
            *) seen+="$folder:"; runpath+=(-rpath "$folder") ;;
          esac
          ;;
      esac
      break
    done
  done
}

# The names of the libraries that the output needs, in the array needed.
read_needed() {
  local line
  needed=()
  while IFS= read -r line; do
    case "$line" in
      *'(NEEDED)'*) line="\${line##*[}"; needed+=("\${line%]}") ;;
    esac
  done < <(LC_ALL=C @binutils@/bin/readelf -d "$output" 2>/dev/null)
}

# Of the machine's own folders the linker is to know nothing.
link() { "$linker" -nostdlib "$@"; }

read_arguments "$@"
[ -n "$static" ] && libraries=()
find_runpath "\${libraries[@]}"
guess="\${runpath[*]}"
link "$@" "\${runpath[@]}" || exit
[ -f "$output" ] || exit 0
read_needed
find_runpath "\${needed[@]}"
[ "\${#needed[@]}" = 0 ] || [ "\${runpath[*]}" = "$guess" ] || link "$@" "\${runpath[@]}"`
