#ifndef KEEPER_H
#define KEEPER_H

#include <stddef.h>
#include <sys/types.h>

/* One kernel lock, held or waited for. */
struct lock {
	struct lock *next;
	unsigned long id;
	int file;
	/* The child that waits for it, or 0 when it is held. */
	pid_t waiter;
	char path[];
};

/* Work that may take long is done by a child, which answers by itself. */
struct job {
	struct job *next;
	unsigned long id;
	pid_t child;
};

struct keeper {
	pid_t owner;
	struct lock *locks;
	struct job *jobs;
};

struct request {
	unsigned long id;
	char *argument;
};

/* Sends a reply in one write, so that replies of children do not mix. */
void reply(unsigned long id, int error, const char *text);

/* Forks a child that dies with its parent and has no file open but stdout, stderr and `keep`. */
pid_t fork_child(int keep);

void take_lock(struct keeper *keeper, const struct request *request);
void try_lock(struct keeper *keeper, const struct request *request);
void free_lock(struct keeper *keeper, const struct request *request);
void free_all_locks(struct keeper *keeper);
/* True when `child` was waiting for a lock, which is then held, or waited for again. */
int lock_child_ended(struct keeper *keeper, pid_t child, int status);
void find_holder(struct keeper *keeper, const struct request *request);

/* These return 0 or an errno, with the file it is about in `text`. */
int sync_filesystem(const char *directory, char *text, size_t size);
int canonicalise_tree(const char *tree, char *text, size_t size);
int reset_tree(const char *tree, char *text, size_t size);
int remove_tree(const char *tree, char *text, size_t size);

#endif
