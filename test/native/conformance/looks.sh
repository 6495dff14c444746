# looks.sh: running programs in a build, and showing what they saw.

# In a folder of its own that has the files `names`.
look() {
  mkdir "in-$1"
  (cd "in-$1"; mkdir names; for name in c a e b d Z 10 9; do echo > "names/$name"; done; "${@:2}") > "$1.seen" 2>&1
}

# Lines "program | row/case: what is seen".
show() {
  for file in *.seen; do
    while IFS= read -r line; do echo "${file%.seen} | $line"; done < "$file"
  done
}
