#!/bin/sh
# observe.sh: prints all that a build can see of its host. Run in a folder; the output is the same everywhere.
ask() { echo "== $1"; shift; "$@" 2>&1; }
ask date date '+%s'
ask touched sh -c 'touch a; sleep 0.02; touch b; stat -c "%n %X %Y %Z %W %h %b %B %D %i %s" a b .; test b -nt a && echo newer'
ask explicit sh -c 'touch -d @86400 old; touch -d @4000000000 new; touch -r old copy; stat -c "%n %X %Y" old new copy'
ask linked sh -c 'ln -f a hard; test $(stat -c %i a) = $(stat -c %i hard) && stat -c %h a'
ask statfs stat -f -c '%T %s %b %c %l' .
ask list ls -U names
ask listi ls -iU names
ask find find names
ask perl perl -e 'opendir D, "names"; print join(" ", readdir D), "\n"; rewinddir D; $_ = readdir D; print "$_\n"; print time, " ", join(" ", times), "\n"; print rand() < 2 ? int(rand(1e9)) : 0, "\n"'
ask python python3 -S -c 'import os,time,sys
print(os.listdir("names")[:9], int(time.time()), os.urandom(8).hex(), os.sched_getaffinity(0), os.getloadavg(), hash("x"))
print(id(object()), os.uname(), os.times()[:4], time.process_time() < 1, os.stat("names").st_ino, os.getgroups())
s=os.statvfs("."); print(s.f_bsize, s.f_blocks, s.f_bfree)'
ask random sh -c 'head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/uuid; mktemp -u'
ask temp sh -c 'for i in 1 2 3; do mktemp -u; done'
ask machine sh -c 'uname -a; hostname; nproc; getconf _NPROCESSORS_CONF; cat /proc/cpuinfo /proc/meminfo /proc/loadavg /proc/uptime /proc/stat /proc/version'
ask id id
ask sleeps sh -c 'date +%s; sleep 1; date +%s; (sleep 1; date +%s); date +%s'
ask loop sh -c 's=$(date +%s); until [ $(date +%s) -gt $s ]; do sleep 1; done; echo ended'
ask nice nice
ask usage bash -c 'TIMEFORMAT="%U %S"; time true; times'
ask archive sh -c 'tar --sort=none -cf - names a b | sha256sum; (cd names && find . | cpio -o -H newc --quiet | sha256sum)'
ask addresses sh -c 'awk "{ print \$1 }" /proc/self/maps | tail -3 | head -2'
