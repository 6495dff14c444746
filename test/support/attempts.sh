# Run in a build: tries to get out of it, or to change what is not its own. Each attempt and its outcome is a line.
try() {
  local what="$1"; shift
  if ("$@") > /dev/null 2>&1; then echo "$what: done"; else echo "$what: refused"; fi
}
input=${inputs%% *}
write() { echo "$2" > "$1"; }
connect() { (exec 3<> "$1"); }
{
  try 'overwrite a file of an input' write "$input/bin/bash" changed
  try 'make it writable' chmod u+w "$input/bin/bash"
  try 'add to an input' touch "$input/new"
  try 'remove a file of an input' rm -f "$input/bin/bash"
  try 'remove an input' rmdir "$input"
  try 'rename an input' mv "$input" "$input-old"
  try 'write to the root' touch /new
  try 'write to /etc' write /etc/passwd changed
  try 'replace the shell' ln -sf /tmp /bin/sh
  try 'write to /dev' touch /dev/new
  try 'change a kernel setting' write /proc/sys/kernel/hostname changed
  try 'change the page cache' write /proc/sys/vm/drop_caches 3
  try 'trigger a system request' write /proc/sysrq-trigger s
  try 'read the kernel log' head -c 1 /proc/kmsg
  try 'read the memory of the machine' head -c 1 /proc/kcore
  try 'make a device' mknod "$TMPDIR/device" c 1 3
  try 'make a block device' mknod "$TMPDIR/block" b 254 0
  try 'give a file away' chown 1:1 "$TMPDIR"
  try 'change the root' chroot / true
  try 'set the clock' date -s '2000-01-01'
  try 'raise a limit' ulimit -n 8192
  try 'get core files' ulimit -c 1
  try 'reach the network' connect /dev/tcp/1.1.1.1/80
  try 'send a datagram' connect /dev/udp/1.1.1.1/53
  try 'reach the network by IPv6' connect /dev/tcp/2606:4700:4700::1111/80
  try 'reach a service of the host' connect /dev/tcp/127.0.0.1/22
  try 'look up a name' connect /dev/tcp/localhost.example/80
  try 'read the home of root' ls /root
  try 'read the homes' ls /home
  try 'read the state of the store' ls /var
  try 'enter the root of pid 1' ls /proc/1/root/
  try 'enter the directory of pid 1' ls /proc/1/cwd/
  try 'read the variables of pid 1' cat /proc/1/environ
  try 'read the open files of pid 1' ls /proc/1/fd
  try 'learn an id of the host from pid 1' grep -qa '[1-9]' /proc/1/cmdline
  try 'kill pid 1' kill -KILL 1
  try 'stop pid 1' kill -STOP 1
  try 'offer pid 1 to the killer' write /proc/1/oom_score_adj 1000
  try 'be killed last' write /proc/self/oom_score_adj -1000
  try 'map more users' write /proc/self/uid_map '0 0 1'
  try 'join groups' write /proc/self/setgroups allow
} > "$out"
