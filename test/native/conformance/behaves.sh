# behaves.sh: in a build, shows that its constant world is also a sensible one: lines "behaviour | row/case: yes". Runs
# beside the sources, with the variable `libc`.
holds() { echo "behaviour | $1/$2: $( ("${@:3}") >&2 && echo yes || echo no)"; }
expect() { [[ $1 == "$2" ]] || { echo "expected '$2', got '$1'"; exit 1; }; }

monotonic() { perl -MTime::HiRes=clock_gettime,CLOCK_MONOTONIC -e 'print int 1000 * clock_gettime(CLOCK_MONOTONIC)'; }
# A command takes at least that many milliseconds, and not a minute more.
takes() {
  local start
  start=$(monotonic)
  "${@:2}"
  (($(monotonic) - start >= $1 && $(monotonic) - start < $1 + 60000))
}
sleeps() { local start; start=$(date +%s); takes 1000 sleep 1 && expect $(($(date +%s) - start)) 1; }
times_out() { timeout 1 sleep 60; expect $? 124; }
next_in_shell() { local start; start=$(date +%s); until (($(date +%s) > start)); do sleep 0.2; done; }
next_in_bash() { local start=$EPOCHSECONDS; until ((EPOCHSECONDS > start)); do :; done; }
next_in_perl() { perl -e '$start = time; 1 while time == $start'; }
next_in_python() { python3 -c 'import time; start = int(time.time())
while int(time.time()) == start: pass'; }

remade() { make -s 2>&1 | grep -v '[Ww]arning' | tr '\n' ' '; }
rebuilds() {
  mkdir made; cd made
  printf '%s\n' 'all: one two three' 'one: a b; @echo one; cat $^ > $@' 'two: b; @echo two; cat $^ > $@' \
    'three: one; @echo three; cat $^ > $@' > Makefile
  touch a b
  expect "$(remade)" 'one two three '; expect "$(remade)" ''
  sleep 0.02; touch a; expect "$(remade)" 'one three '; expect "$(remade)" ''
  sleep 0.02; touch two; expect "$(remade)" ''
  sleep 0.02; touch b; expect "$(remade)" 'one two three '; expect "$(remade)" ''
  touch -d @86400 a; touch -d @4000000000 one; expect "$(remade)" 'three '
}
# A release comes with files that were made from others, and says so by their times.
unpacks() {
  mkdir released
  (cd released; touch -d @1000000000 source; touch -d @1000000100 made; echo 'made: source; @echo again; touch made' > Makefile)
  tar -cf released.tar released; rm -r released; tar -xf released.tar; cd released
  expect "$(stat -c %Y source made | tr '\n' ' ')" '1000000000 1000000100 '; expect "$(remade)" ''
  sleep 0.02; touch source; expect "$(remade)" 'again '; expect "$(remade)" ''
}
archives() { touch new; expect "$(tar -cf - new | tar -tv --full-time --utc -f - | tr -s ' ' | cut -d ' ' -f 4-)" "$(date -ud "@$SOURCE_DATE_EPOCH" '+%F %T') new"; }
finds() { touch older; sleep 0.02; touch newer; expect "$(find older newer -newer older)" newer; [[ newer -nt older && ! older -nt newer ]]; }
lists() { touch -d @1000000000 past; touch present; touch -d @4000000000 future; expect "$(ls -t past present future | tr '\n' ' ')" 'future present past '; }
keeps() {
  touch -d '1999-12-31 23:59:59.5' old; touch -d @4000000000 new; touch -r old copied
  expect "$(stat -c %.1Y old copied new | tr '\n' ' ')" '946684799.5 946684799.5 4000000000.0 '
}
differ() {
  mkdir many
  for i in $(seq 100); do { mktemp many/XXXXXXXX > /dev/null; mktemp -u > "many/name-$i"; } & done; wait
  expect "$(ls many | wc -l) $(sort -u many/name-* | wc -l)" '200 100'
}
# What is redirected in memory is not changed in files, whoever reads or copies them.
digests() {
  cp "$libc" copy; dd if="$libc" of=parts bs=1000 status=none; mkdir -p packed; tar -cf - copy | tar -xf - -C packed
  perl -e 'open F, shift; binmode F; print while read F, $_, 7777' "$libc" > read
  for file in "$libc" copy parts packed/copy read; do sha256sum < "$file"; done | sort -u | cut -d ' ' -f 1 | tr '\n' ' '
}

holds clock sleep sleeps
holds clock timeout takes 1000 times_out
holds clock loop-of-shell next_in_shell
holds clock loop-of-bash next_in_bash
holds clock loop-of-perl next_in_perl
holds clock loop-of-python next_in_python
holds times make rebuilds
holds times unpacked unpacks
holds times archived archives
holds times find finds
holds times ls lists
holds times touch keeps
holds random mktemp differ
echo "behaviour | inputs/libc: $(digests)"
