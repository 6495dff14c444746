# Run in a build: writes down all it can see of its world that is the same on every machine.
show() { echo; echo "== $1"; }
list() { stat -c '%A %u:%g %N' "$@"; }
{
  show 'the root'; list / /*
  show /bin; list /bin/*
  show /dev; list /dev/*
  show /dev/pts; ls /dev/pts
  show /dev/shm; ls -A /dev/shm
  show /etc; list /etc/*
  for file in /etc/*; do show "$file"; cat "$file"; done
  show /tmp; list /tmp /tmp/*; ls -A .
  show '/store, without hashes'; ls -A /store | cut -c 34- | sort
  show 'mounts, without hashes'
  mounts=$(while read -r _ _ _ _ point options _; do
    case "$point" in /store/*) point="/store/${point#/store/*-}" ;; esac
    echo "$point ${options%%,*}"
  done < /proc/self/mountinfo)
  sort <<< "$mounts"
  show 'the environment'; tr '\0' '\n' < /proc/$$/environ | sort
  show 'the user'; id
  show 'ids, capabilities, umask, signals'
  grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Umask|SigBlk|SigIgn):' /proc/self/status
  show 'soft limits'; ulimit -Sa
  show 'hard limits'; ulimit -Ha
  show names; cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname; uname -s; uname -n; uname -m
  show 'network interfaces'
  while read -r name _; do case "$name" in *:) echo "$name" ;; esac; done < /proc/net/dev
  show routes; tail -n +2 /proc/net/route
  show processes
  processes=$(for process in /proc/[0-9]*; do cat "$process/comm" 2>/dev/null || true; done)
  sort -u <<< "$processes"
  show 'control groups'; cut -d: -f3 /proc/self/cgroup | sort -u
  show 'open files'
  for file in /proc/$$/fd/*; do link=$(readlink "$file"); echo "${file##*/} ${link%%:*}"; done
  show 'the terminal'; tty || true
  show 'language and time zone'; date -d @0 '+%c %Z'
} > "$out"
