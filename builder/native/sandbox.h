#ifndef SANDBOX_H
#define SANDBOX_H

#include <stddef.h>
#include <sys/types.h>

#include "spec.h"
#include "tracer/tracer.h"

/* Where `build` tells how it goes, one line an event: init, started, exited, signalled, failed, refused. */
enum { STATUS_FD = 3 };

/* The terminal of whoever talks with a build, where the spec says that there is one. */
enum { TERMINAL_FD = 4 };

/* What the helper tells pid 1 once the builder runs. */
enum { SUSPEND = 's', GO_ON = 'g' };

/* Exit status of this program when it cannot do what was asked, as env(1) and its kin have it. */
enum { EXIT_UNABLE = 125, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

/* One build under way. Each process of ours has its own copy and closes the ends it does not use. */
struct build {
	struct spec spec;
	/* The ids the builder has, inside. */
	uid_t uid;
	gid_t gid;
	/* The builder's stdout and stderr: a pipe, so that /dev/stdout can be opened. Of a terminal, its two sides. */
	int output[2];
	/* The helper tells pid 1 that its ids are mapped, later to suspend the build; hanging up means that it is gone. */
	int go[2];
	/* Pid 1 tells the helper how the builder ended. */
	int result[2];
	/* The builder's directories, opened while their staging area can still be reached. */
	int store;
	int tmp;
	struct tracer tracer;
	/* On which the builder's process hands over what the tracer listens at: the helper's end, and its own. */
	int handover[2];
	/* What a failed step was about: a path, or "". */
	const char *about;
};

/* Long work is a list of named steps, which return 0, or -1 with errno. */
struct step {
	const char *name;
	int (*run)(struct build *build);
};

/* die.c */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die_errno(int to, const char *step, const char *about);
void run_steps(const struct step *steps, size_t count, struct build *build);

/* staging.c */
int prepare_staging(struct build *build);
/* Makes the symlink `name` below the directory `at`, with the target that `source` has. */
int copy_link(const char *source, int at, const char *name);

/* namespaces.c */
pid_t clone_into_namespaces(void);
int write_text(const char *path, const char *text);
int write_id_maps(pid_t init, const struct build *build);
int become_user(struct build *build);
int set_names(struct build *build);
int raise_loopback(struct build *build);
int start_clocks(struct build *build);

/* mounts.c */
int bind_mount(const char *source, const char *target, unsigned long flags);
int make_mounts_private(struct build *build);
int bind_inputs(struct build *build);
int mount_root(struct build *build);
int fill_root(struct build *build);
int enter_root(struct build *build);

/* root.c */
int make_root_files(struct build *build);

/* capabilities.c */
int keep_capabilities(unsigned long long kept);
unsigned long long capabilities_of(enum user user);

/* limits.c */
int set_limits(struct build *build);
int set_limits_of_user(struct build *build);

/* init.c, child.c */
_Noreturn void run_init(struct build *build);
_Noreturn void run_child(struct build *build, int failed);

/* terminal.c */
int open_terminal(struct build *build);
int take_terminal(int terminal);
void resize_terminal(int terminal);
void leave_output(void);

/* reap.c: whether `child` has, and how. Whatever else ends, ends unnoticed; its parent was gone. */
int has_ended(pid_t child, int *status);

/* trace.c */
int open_tracer(struct build *build);
int prepare_tracer(struct build *build);
int is_traced(const struct build *build);

/* try-tracer.c */
int try_traced_program(int unused);
int is_traced_program(const char *epoch);

/* counter.c */
int try_counter_trap(int unused);
int check_counter(struct build *build);

/* supervise.c */
_Noreturn void supervise(struct build *build, pid_t init);

/* build.c, enter.c, confine.c, guard.c, probe.c: the modes. */
int build_main(int argc, char **argv);
int enter_main(int argc, char **argv);
int confine_main(int argc, char **argv);
int guard_main(int argc, char **argv);
int probe_main(int argc, char **argv);

#endif
