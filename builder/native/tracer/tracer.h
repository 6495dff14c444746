#ifndef TRACER_H
#define TRACER_H

#include <stdio.h>
#include <sys/types.h>

#include "layout.h"
#include "settings.h"

/* One traced tree of processes, as its supervisor sees it. */
struct tracer {
	struct tracer_settings settings;
	/* The file in memory that every process maps; -1 while there is none. */
	int image;
	/* NULL before the supervisor has it. */
	struct shared *shared;
	struct loaders loaders;
	/* Where processes notify us, once the child has handed it over; -1 before. */
	int listener;
	/* A directory of processes as the reader of the listener numbers them. */
	int proc;
	/* Where it is told that a process had to be ended: lines "ended PID REASON". */
	int complaints;
	/* Why this machine did not let the shim in, as an errno, when it first did not; 0 for never. */
	int untraceable;
	unsigned next_handover;
};

/*
 * What a build sees unless it is told otherwise. The start of the build is read here: what exists before is an input,
 * whatever is made later is not. When what exists has changed after `newest` nanoseconds, waits for the next tick of
 * the clock of files, a few milliseconds.
 */
struct tracer_settings tracer_defaults(int64_t epoch, int64_t newest);

/* Before the fork. */
void tracer_open(struct tracer *tracer, const struct tracer_settings *settings, int proc);

/*
 * Where the child has mounts of its own, programs can start without the supervisor. These three return 0, or -1 with
 * errno. `folder`, a path in the root that the child will have, is made in the root that is the working directory, in
 * a file system in memory; tracer_make_image, which comes last, then puts the image there. A dynamic loader, open as
 * `original`, is covered with a copy that maps the image first of all, and the code of its C library is prepared;
 * ENOEXEC if that cannot be had, and the loader is left as it is.
 */
int tracer_use_folder(struct tracer *tracer, const char *folder);
int tracer_cover_loader(struct tracer *tracer, int original, int library, const char *path);
int tracer_make_image(struct tracer *tracer);

/* In the child: from here on the filter holds; only tracer_exec may follow. `socket` leads to the supervisor. */
int tracer_prepare_child(const struct tracer *tracer, int socket);
int tracer_exec(const char *path, char *const argv[], char *const envp[]);

/* In the supervisor: takes the listener and the image from the child. Then tracer_step whenever it is readable, until -1. */
int tracer_accept(struct tracer *tracer, int socket);
int tracer_step(struct tracer *tracer);

/* Why not everything could be traced, as an errno of this machine's; 0 when all was. */
int tracer_problem(const struct tracer *tracer);

/* What each program asked for: one line a program, as "<prefix>name class=count...", words of visible characters. */
void tracer_print_counts(const struct tracer *tracer, const char *prefix, FILE *to);

#endif
