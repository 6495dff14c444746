# foreign.sh: in a build, runs programs that were compiled with other compilers, for other C libraries and other run
# times, and shows what they saw. They lie in the folder `foreign`, beside the loaders and libraries they need.
source conformance/looks.sh
foreign=$PWD/foreign rows='clock times identity directory random addresses machine usage refused'
run() { "$foreign/bin/ld.so" --library-path "$foreign/lib" "$foreign/bin/$1" "${@:2}"; }

look musl "$foreign/bin/ld-musl.so" "$foreign/bin/musl" $rows
look musl-static "$foreign/bin/musl-static" $rows
look cc run cc
look rust run rs
look go "$foreign/bin/go"
look node run node "$PWD/languages/observe.mjs"
look java run java -cp "$foreign" Observe
look musl-waits "$foreign/bin/musl-waits"
look musl-many "$foreign/bin/musl-many"

# What ninja makes anew: what is older than what it is made of, and nothing else.
rebuilds() {
  printf 'rule copy\n  command = cat $in > $out\nbuild one: copy a b\nbuild two: copy b\nbuild three: copy one\n' > build.ninja
  touch a b
  for changed in a none b one none; do
    sleep 0.02
    if [ $changed != none ]; then touch $changed; fi
    echo "behaviour/ninja after $changed: $(run ninja -j1 -v 2>&1 | sed -n 's/.* > //p; s/ninja: //p' | tr '\n' ' ')"
  done
}
look ninja rebuilds
loop() { local start; start=$(date +%s); until (($(date +%s) > start)); do :; done; echo 'behaviour/loop: ended'; }
look shell loop
show
