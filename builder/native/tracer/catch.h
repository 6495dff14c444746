#ifndef TRACER_CATCH_H
#define TRACER_CATCH_H

struct tracer;
struct seccomp_notif;

/* Whether the shim is there already: a later call of an image looks like its first. */
int is_caught(const struct seccomp_notif *call);

/* Brings the shim in and answers the call. Returns 0, or -1 with errno and the call unanswered. */
int catch_image(struct tracer *tracer, const struct seccomp_notif *call);

#endif
