# sees.sh: prints what bash and the small programs of a build see, as lines "row/case: what is seen".
say() { echo "$1: ${*:2}"; }

say clock/date "$(date +%s)"
say clock/bash "$EPOCHSECONDS $(printf '%(%s)T' -1)"
say clock/awk "$(awk 'BEGIN { print systime() }')"

mkdir sh; cd sh
echo x > file; mkdir folder; ln -s file link
for name in file folder link /dev/null "$one"; do
  say "times/${name##*/}" "$(stat -c '%X %Y %Z %W' "$name")"
done
touch -d @86400 old; touch -d @4000000000 new; touch -r old copied; touch now
say times/set "$(stat -c '%n %X %Y' old new copied now | tr '\n' ' ')"
say times/ls "$(ls -l --time-style=+%s file)"
say times/find "$(find . -newer old -printf '%f %Ts ' )"
say times/tar "$(tar -cf - folder | tar -tv --utc --full-time -f -)"

for name in file folder "$one" "$other"; do
  say "identity/${name##*-}" "$(stat -c '%d %i %b %B %h %s %u:%g' "$name")"
done
say identity/statfs "$(stat -f -c '%T %s %b %f %a %c %d %l %i' .)"
say identity/df "$(df -k . | tail -n 1)"
say identity/du "$(du -k file folder | tr '\n' ' ')"

mkdir many; (cd many; touch $(seq 1 7 1400) $(seq 2 5 1000))
say directory/ls "$(ls -U many | cksum)"
say directory/find "$(find many | cksum)"
say directory/tar "$(tar --sort=none -cf - many | cksum)"
say directory/bash "$(echo many/* | cksum)"

for file in /dev/urandom /dev/random; do say "random/$file" "$(od -An -N8 -tx1 $file)"; done
say random/uuid "$(cat /proc/sys/kernel/random/uuid)"
say random/boot "$(cat /proc/sys/kernel/random/boot_id)"
say random/mktemp "$(mktemp -u) $(mktemp -u)"
say random/bash "$SRANDOM"
say random/shuf "$(seq 9 | shuf | tr '\n' ' ')"

say machine/uname "$(uname -a)"
say machine/processors "$(nproc) $(getconf _NPROCESSORS_ONLN) $(getconf _NPROCESSORS_CONF)"
say machine/groups "$(id -G)"
for file in cpuinfo meminfo loadavg uptime stat version sys/kernel/osrelease mounts self/mountinfo; do
  say "machine/$file" "$(sed 's/[0-9a-z]\{32\}-/HASH-/g' "/proc/$file" | tr '\n' ';')"
done

for ((i = 0; i < 100000; i++)); do :; done
say usage/times "$(times | tr '\n' ' ')" "$(TIMEFORMAT='%U %S'; { time : ; } 2>&1)"
say usage/stat "$(cut -d ' ' -f 10-17,22-24,39,42- /proc/self/stat)"
