/* The mode `build`: what is done on the host's side of a sandbox. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MAX_SPEC = 64 << 20 };

static void read_spec(struct build *build)
{
	char *bytes = malloc(MAX_SPEC);
	size_t length = 0;
	const char *problem;
	ssize_t got;

	if (!bytes)
		die_errno(STATUS_FD, "read-spec", "");
	while ((got = read(STDIN_FILENO, bytes + length, MAX_SPEC - length)) > 0)
		length += got;
	if (got < 0)
		die_errno(STATUS_FD, "read-spec", "");
	problem = parse_spec(&build->spec, bytes, length);
	if (problem) {
		report("refused %s\n", problem);
		exit(EXIT_UNABLE);
	}
	build->uid = build->gid = build->spec.user == USER_ROOT ? 0 : 1000;
}

/* Under memory pressure a build is to go before what its user works with. */
static int offer_to_die(struct build *build)
{
	static const char path[] = "/proc/self/oom_score_adj";
	FILE *file = fopen(path, "re");
	int now = 0;

	build->about = path;
	if (!file)
		return -1;
	if (fscanf(file, "%d", &now) != 1)
		now = 0;
	fclose(file);
	return now < 500 ? write_text(path, "500") : 0;
}

/* Root's own groups would let a build read what they may read. */
static int leave_groups(struct build *build)
{
	return build->spec.host_uid == (uid_t)-1 ? 0 : setgroups(0, NULL);
}

/* The builder may open /dev/stdout, so the pipe has to be its user's. */
static int open_pipes(struct build *build)
{
	const struct spec *spec = &build->spec;

	if ((spec->terminal ? open_terminal(build) : pipe2(build->output, O_CLOEXEC)) < 0 || pipe2(build->go, O_CLOEXEC) < 0 ||
	    pipe2(build->result, O_CLOEXEC) < 0)
		return -1;
	return spec->host_uid == (uid_t)-1 ? 0 : fchown(build->output[1], spec->host_uid, spec->host_gid);
}

static int block_signals(struct build *build)
{
	static const int heeded[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH };
	sigset_t set;

	(void)build;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof heeded / sizeof *heeded; i++)
		sigaddset(&set, heeded[i]);
	return sigprocmask(SIG_SETMASK, &set, NULL);
}

static const struct step steps[] = {
	{ "oom-score", offer_to_die },
	{ "limit", set_limits },
	{ "leave-groups", leave_groups },
	/* What the build finds in its sandbox is newer than the start that is read here. */
	{ "tracer", open_tracer },
	{ "counter", check_counter },
	{ "stage", prepare_staging },
	{ "pipe", open_pipes },
	{ "block-signals", block_signals },
};

int build_main(int argc, char **argv)
{
	struct build build = { .store = -1, .tmp = -1, .about = "" };
	pid_t init;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 1 || getppid() != atoi(argv[0]))
		return EXIT_UNABLE;
	/* A build can read how its pid 1 was started; whose child we are is not for it. */
	memset(argv[0], '0', strlen(argv[0]));
	read_spec(&build);
	run_steps(steps, sizeof steps / sizeof *steps, &build);
	init = clone_into_namespaces();
	if (init < 0)
		die_errno(STATUS_FD, "namespaces", "");
	if (init == 0)
		run_init(&build);
	report("init %d\n", init);
	close(build.go[0]);
	close(build.result[1]);
	close(build.output[1]);
	if (is_traced(&build))
		close(build.handover[1]);
	if (write_id_maps(init, &build) < 0)
		die_errno(STATUS_FD, "id-maps", "");
	if (write(build.go[1], "", 1) != 1)
		die_errno(STATUS_FD, "id-maps", "");
	supervise(&build, init);
}
