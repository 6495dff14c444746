/* What a builder can see and do, one command a question. Linked statically: it runs where there is nothing else. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void tell(const char *what, int result)
{
	printf("%s %s\n", what, result < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
}

static void list(char **args)
{
	struct dirent **entries;
	int count = scandir(args[0], &entries, NULL, alphasort);

	for (int i = 0; i < count; i++)
		if (strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, ".."))
			printf("%s\n", entries[i]->d_name);
	if (count < 0)
		tell(args[0], count);
}

static void cat(char **args)
{
	char bytes[65536];
	int file = open(args[0], O_RDONLY);
	ssize_t got;

	if (file < 0)
		tell(args[0], file);
	while (file >= 0 && (got = read(file, bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, got, stdout);
}

static void env(char **args)
{
	(void)args;
	for (char **variable = environ; *variable; variable++)
		printf("%s\n", *variable);
}

static void ids(char **args)
{
	uid_t r, e, s;
	gid_t groups[64];

	(void)args;
	getresuid(&r, &e, &s);
	printf("uid %d %d %d\n", r, e, s);
	getresgid(&r, &e, &s);
	printf("gid %d %d %d\n", r, e, s);
	printf("groups %d\n", getgroups(64, groups));
	tell("setgroups", setgroups(0, NULL));
	printf("cwd %s\n", getcwd((char[4096]){ 0 }, 4096));
	printf("pid %d ppid %d session %d\n", getpid(), getppid(), getsid(0));
}

static void interfaces(char **args)
{
	struct if_nameindex *all = if_nameindex();

	(void)args;
	for (; all->if_index; all++)
		printf("%s\n", all->if_name);
}

static void network(char **args)
{
	struct sockaddr_in far = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in near = { .sin_family = AF_INET };
	socklen_t size = sizeof near;
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, args[0], &far.sin_addr);
	tell("far", connect(client, (struct sockaddr *)&far, sizeof far));
	inet_pton(AF_INET, "127.0.0.1", &near.sin_addr);
	bind(server, (struct sockaddr *)&near, sizeof near);
	listen(server, 1);
	getsockname(server, (struct sockaddr *)&near, &size);
	client = socket(AF_INET, SOCK_STREAM, 0);
	tell("loopback", connect(client, (struct sockaddr *)&near, sizeof near));
}

static void attack_by_name(const char *directory, const char *file)
{
	tell("open", open(file, O_WRONLY));
	tell("truncate", truncate(file, 0));
	tell("chmod", chmod(file, 0777));
	tell("chmod-directory", chmod(directory, 0777));
	tell("open-after-chmod", open(file, O_WRONLY));
	tell("unlink", unlink(file));
	tell("rmdir", rmdir(directory));
	tell("rename", rename(directory, "/store/moved"));
	mkdir("/store/fresh", 0755);
	tell("replace", rename("/store/fresh", directory));
}

static void attack_by_mount(const char *directory, const char *file)
{
	tell("remount", mount(NULL, directory, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL));
	tell("umount", umount2(directory, MNT_DETACH));
	tell("umount-store", umount2("/store", MNT_DETACH));
	tell("open-after-mount", open(file, O_WRONLY));
}

/* Reads `directory/file`, an input, and tries all ways to change it; last with all power over mounts of its own. */
static void attack(char **args)
{
	char file[4096];

	snprintf(file, sizeof file, "%s/%s", args[0], args[1]);
	attack_by_name(args[0], file);
	attack_by_mount(args[0], file);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
		printf("in a namespace of its own\n");
		attack_by_mount(args[0], file);
		tell("bind-below", mount("/store", "/tmp", NULL, MS_BIND, NULL));
	}
}

static void forbidden(char **args)
{
	(void)args;
	tell("mknod", mknod("/tmp/null", S_IFCHR | 0666, makedev(1, 3)));
	tell("mount", mount("t", "/tmp", "tmpfs", 0, NULL));
	tell("chroot", chroot("/tmp"));
	tell("sethostname", sethostname("x", 1));
	tell("write-root", mkdir("/x", 0755));
	tell("write-etc", open("/etc/passwd", O_WRONLY));
	tell("write-dev", mkdir("/dev/x", 0755));
	tell("chown-foreign", chown("/tmp/guix-build-0", 1234, 1234));
	tell("kill-init", kill(1, SIGKILL));
	tell("read-init", readlink("/proc/1/exe", (char[64]){ 0 }, 64));
	tell("init-root", open("/proc/1/root/etc", O_RDONLY));
	tell("init-environ", open("/proc/1/environ", O_RDONLY));
	tell("init-mem", open("/proc/1/mem", O_RDWR));
	tell("tty", open("/dev/tty", O_RDWR));
	tell("sysrq", open("/proc/sysrq-trigger", O_WRONLY));
}

static void namespaces(char **args)
{
	static const char *const names[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time" };

	(void)args;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[32], target[64] = "";

		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		tell(path, readlink(path, target, sizeof target - 1));
		printf("%s\n", target);
	}
}

static void setuid_file(char **args)
{
	int file = open(args[0], O_WRONLY | O_CREAT, 0755);

	tell("write", file);
	tell("chmod", fchmod(file, 04755));
}

static void daemonise(char **args)
{
	struct stat beats;

	if (fork() > 0) {
		while (stat(args[0], &beats) < 0 || beats.st_size == 0)
			usleep(1000);
		return;
	}
	setsid();
	if (fork() > 0)
		_exit(0);
	close(1);
	close(2);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (;;) {
		int file = open(args[0], O_WRONLY | O_CREAT | O_APPEND, 0644);

		if (write(file, ".", 1) < 0)
			_exit(1);
		close(file);
		usleep(1000);
	}
}

static void state(char **args)
{
	char byte;
	struct utsname name;
	struct stat input;
	mode_t mask = umask(0);
	struct timespec now;

	(void)args;
	fstat(0, &input);
	printf("stdin %zd bytes of %d:%d\n", read(0, &byte, 1), major(input.st_rdev), minor(input.st_rdev));
	printf("umask %03o\n", mask);
	uname(&name);
	printf("host %s %s\n", name.nodename, name.domainname);
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("monotonic %ld\n", now.tv_sec);
	clock_gettime(CLOCK_BOOTTIME, &now);
	printf("boottime %ld\n", now.tv_sec);
	printf("personality %x\n", personality(0xffffffff));
	printf("no-new-privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void limits(char **args)
{
	static const int numbers[] = { RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_STACK, RLIMIT_FSIZE };
	static const char *const names[] = { "files", "core", "stack", "size" };
	struct rlimit limit;

	(void)args;
	for (int i = 0; i < 4; i++) {
		getrlimit(numbers[i], &limit);
		printf("%s %ld %ld\n", names[i], (long)limit.rlim_cur, (long)limit.rlim_max);
	}
}

static void signals(char **args)
{
	sigset_t mask;
	struct sigaction action;

	(void)args;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int i = 1; i < 65; i++) {
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			printf("ignored %d\n", i);
		if (sigismember(&mask, i) == 1)
			printf("blocked %d\n", i);
	}
}

static void files(char **args)
{
	(void)args;
	for (int i = 0; i < 4096; i++)
		if (fcntl(i, F_GETFD) >= 0)
			printf("%d\n", i);
}

static void make(char **args)
{
	const char *kind = args[0], *path = args[1];

	if (strcmp(kind, "file") == 0)
		tell(kind, open(path, O_WRONLY | O_CREAT | O_EXCL, 0755));
	else if (strcmp(kind, "link") == 0)
		tell(kind, symlink("/store/elsewhere", path));
	else
		tell(kind, mkdir(path, 0755));
}

static void remake(char **args)
{
	make((char *[]){ "directory", args[0], NULL });
	tell("chown", chown(args[0], 0, 0));
	tell("rmdir", rmdir(args[0]));
	make((char *[]){ "file", args[0], NULL });
	tell("unlink", unlink(args[0]));
	make((char *[]){ "link", args[0], NULL });
}

static void devices(char **args)
{
	char bytes[8];
	int file = open("/dev/zero", O_RDONLY);

	(void)args;
	tell("zero", read(file, bytes, sizeof bytes));
	tell("null", open("/dev/null", O_RDWR));
	tell("full", write(open("/dev/full", O_WRONLY), "x", 1));
	tell("urandom", read(open("/dev/urandom", O_RDONLY), bytes, 8));
	tell("ptmx", open("/dev/ptmx", O_RDWR | O_NOCTTY));
	tell("shm", open("/dev/shm/x", O_RDWR | O_CREAT, 0600));
	tell("stdout", open("/dev/stdout", O_WRONLY));
	tell("fd", open("/dev/fd/1", O_WRONLY));
}

static void streams(char **args)
{
	(void)args;
	for (int i = 0; i < 3; i++) {
		dprintf(1, "out %d\n", i);
		dprintf(2, "err %d\n", i);
	}
}

static void flood(char **args)
{
	char bytes[4096];

	memset(bytes, 'x', sizeof bytes);
	for (int i = atoi(args[0]); i > 0; i--)
		if (write(1, bytes, sizeof bytes) < 0)
			exit(1);
}

static void sleep_long(char **args)
{
	printf("asleep\n");
	fflush(stdout);
	sleep(atoi(args[0]));
}

static void end_by(char **args)
{
	raise(atoi(args[0]));
}

static void exit_with(char **args)
{
	exit(atoi(args[0]));
}

static const struct command {
	const char *name;
	void (*run)(char **args);
} commands[] = {
	{ "list", list }, { "cat", cat }, { "env", env }, { "ids", ids },
	{ "interfaces", interfaces }, { "network", network }, { "attack", attack }, { "forbidden", forbidden },
	{ "namespaces", namespaces }, { "setuid-file", setuid_file }, { "daemon", daemonise }, { "state", state }, { "limits", limits },
	{ "signals", signals }, { "files", files }, { "make", make }, { "remake", remake },
	{ "devices", devices }, { "streams", streams }, { "flood", flood }, { "sleep", sleep_long },
	{ "signal", end_by }, { "exit", exit_with },
};

/* Runs commands one after another: each has its arguments after it, and "--" follows. */
int main(int argc, char **argv)
{
	for (char **args = argv + 1; args < argv + argc;) {
		char **end = args;

		while (*end && strcmp(*end, "--"))
			end++;
		*end = NULL;
		for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
			if (strcmp(commands[i].name, *args) == 0)
				commands[i].run(args + 1);
		fflush(stdout);
		args = end + 1;
	}
	return 0;
}
