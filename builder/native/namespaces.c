/* The namespaces of a build, and what has to be set up in each of them. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		     CLONE_NEWCGROUP,
};

/* Forks pid 1. The time namespace is not among these: its clocks must be set before anyone is in it. */
pid_t clone_into_namespaces(void)
{
	return syscall(SYS_clone, NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL);
}

int write_text(const char *path, const char *text)
{
	size_t length = strlen(text);
	int file = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (file < 0)
		return -1;
	done = write(file, text, length);
	if (done >= 0 && (size_t)done != length)
		errno = EIO;
	close(file);
	return done == (ssize_t)length ? 0 : -1;
}

static int write_of(pid_t process, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", process, name);
	return write_text(path, text);
}

/* Maps the builder's ids to the host user of the spec, or else to our own. An ordinary user must give up setgroups. */
int write_id_maps(pid_t init, const struct build *build)
{
	const struct spec *spec = &build->spec;
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "%u %u 1\n", build->uid, spec->host_uid == (uid_t)-1 ? geteuid() : spec->host_uid);
	snprintf(gids, sizeof gids, "%u %u 1\n", build->gid, spec->host_gid == (gid_t)-1 ? getegid() : spec->host_gid);
	if (write_of(init, "setgroups", "deny") < 0 || write_of(init, "gid_map", gids) < 0)
		return -1;
	return write_of(init, "uid_map", uids);
}

/* From here on nothing of the host's root, or of its groups, is left in us. */
int become_user(struct build *build)
{
	if (setresgid(build->gid, build->gid, build->gid) < 0)
		return -1;
	if (setresuid(build->uid, build->uid, build->uid) < 0)
		return -1;
	/* A change of ids takes our own files in /proc from us; start_clocks writes to one. */
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int set_names(struct build *build)
{
	static const char host[] = "localhost", domain[] = "(none)";

	(void)build;
	if (sethostname(host, sizeof host - 1) < 0)
		return -1;
	return setdomainname(domain, sizeof domain - 1);
}

int raise_loopback(struct build *build)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	(void)build;
	if (file < 0)
		return -1;
	result = ioctl(file, SIOCSIFFLAGS, &request);
	close(file);
	return result;
}

/* Seconds by which the clocks of our children, so far those of our own namespace, are ahead of the machine's. */
static int read_offsets(const char *path, long long *monotonic, long long *boottime)
{
	FILE *file = fopen(path, "re");
	int found;

	if (!file)
		return -1;
	found = fscanf(file, "monotonic %lld %*d boottime %lld %*d", monotonic, boottime);
	fclose(file);
	if (found != 2)
		errno = EINVAL;
	return found == 2 ? 0 : -1;
}

/* Gives our children, not us, clocks that start in their first second, whatever namespace we are in. */
int start_clocks(struct build *build)
{
	static const char path[] = "/proc/self/timens_offsets";
	long long monotonic_ahead, boottime_ahead;
	struct timespec monotonic, boottime;
	char offsets[128];

	(void)build;
	if (unshare(CLONE_NEWTIME) < 0 || read_offsets(path, &monotonic_ahead, &boottime_ahead) < 0)
		return -1;
	if (clock_gettime(CLOCK_MONOTONIC, &monotonic) < 0 || clock_gettime(CLOCK_BOOTTIME, &boottime) < 0)
		return -1;
	snprintf(offsets, sizeof offsets, "monotonic %lld 0\nboottime %lld 0\n", monotonic_ahead - monotonic.tv_sec,
		 boottime_ahead - boottime.tv_sec);
	return write_text(path, offsets);
}
