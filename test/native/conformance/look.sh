# look.sh: in a build, compiles what asks for every row of the contract, runs it in four languages, and prints what each
# saw: lines "program | row/case: what is seen". Runs beside the sources, with the variables `one` and `other`.
source conformance/looks.sh
rows='clock times identity directory random addresses machine usage refused'
flags='-std=gnu11 -D_GNU_SOURCE -O1'

compile() {
  gcc $flags "${@:2}" -o "$1-asks" conformance/*.c -lpthread
  gcc $flags "${@:2}" -o "$1-waits" waits.c -lpthread -lrt
  gcc $flags "${@:2}" -o "$1-many" directories.c
}

compile dynamic -Wall -Wextra -Werror
compile static -static
for kind in dynamic static; do
  look $kind "$PWD/$kind-asks" $rows
done
look shell bash "$PWD/conformance/sees.sh"
look perl perl "$PWD/languages/observe.pl"
look python python3 "$PWD/languages/observe.py"
look jobs make -s -f "$PWD/conformance/jobs.mk" -j "$STORE_CORES"
for kind in dynamic static; do
  echo "directory/many: $("./$kind-many")" >> $kind.seen
  for way in $(grep -o '"[a-z]*", by_' waits.c | cut -d '"' -f 2); do
    "./$kind-waits" $way > "$kind-$way.seen" &
  done
done
wait
show
