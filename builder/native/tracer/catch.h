#ifndef TRACER_CATCH_H
#define TRACER_CATCH_H

struct tracer;
struct seccomp_notif;

/* The memory of the process that made the call, readable and writable; -1 with errno. */
int open_memory(const struct tracer *tracer, const struct seccomp_notif *call);

/* Whether the shim is there already: a later call of an image looks like its first. */
int is_caught(int memory);

/* Brings the shim in and answers the call. Returns 0, or -1 with errno and the call unanswered. */
int catch_image(struct tracer *tracer, const struct seccomp_notif *call, int memory);

#endif
