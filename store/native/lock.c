/* Locks by flock(2): the kernel frees them however their holder dies. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A holder removes the file before it frees the lock, so a lock counts only while its file is at the path. */
static int is_current(const struct lock *lock)
{
	struct stat locked, named;

	return fstat(lock->file, &locked) == 0 && stat(lock->path, &named) == 0 &&
	       locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

/* Says in the file who has the lock; only a help for those who wait. */
static void sign(const struct lock *lock, pid_t owner)
{
	char text[16];
	int length = snprintf(text, sizeof text, "%d\n", owner);

	if (ftruncate(lock->file, 0) == 0 && pwrite(lock->file, text, length, 0) != length)
		errno = 0;
}

/* Opens the file and tries to lock it. Returns 0, or an errno: EAGAIN when another has it. */
static int attempt(struct lock *lock, pid_t owner)
{
	for (;;) {
		lock->file = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (lock->file < 0)
			return errno;
		if (flock(lock->file, LOCK_EX | LOCK_NB) < 0)
			return errno;
		if (is_current(lock)) {
			sign(lock, owner);
			return 0;
		}
		close(lock->file);
	}
}

/* The child locks the same open file, so that the lock is ours once it has ended. */
static int wait_in_child(struct lock *lock)
{
	lock->waiter = fork_child(lock->file);
	if (lock->waiter < 0)
		return errno;
	if (lock->waiter == 0) {
		while (flock(lock->file, LOCK_EX) < 0)
			if (errno != EINTR)
				_exit(1);
		_exit(0);
	}
	return 0;
}

static void drop(struct keeper *keeper, struct lock *lock)
{
	struct lock **link = &keeper->locks;

	while (*link && *link != lock)
		link = &(*link)->next;
	if (*link)
		*link = lock->next;
	if (lock->file >= 0)
		close(lock->file);
	free(lock);
}

/* Tries, and waits in a child if that is wanted. Replies unless it waits. */
static void proceed(struct keeper *keeper, struct lock *lock, int may_wait)
{
	int error = attempt(lock, keeper->owner);

	lock->waiter = 0;
	if (error == EAGAIN && may_wait) {
		error = wait_in_child(lock);
		if (error == 0)
			return;
	}
	reply(lock->id, error, "");
	if (error != 0)
		drop(keeper, lock);
}

static void begin(struct keeper *keeper, const struct request *request, int may_wait)
{
	size_t size = strlen(request->argument) + 1;
	struct lock *lock = malloc(sizeof *lock + size);

	if (!lock) {
		reply(request->id, ENOMEM, "");
		return;
	}
	*lock = (struct lock){ .next = keeper->locks, .id = request->id, .file = -1 };
	memcpy(lock->path, request->argument, size);
	keeper->locks = lock;
	proceed(keeper, lock, may_wait);
}

void take_lock(struct keeper *keeper, const struct request *request)
{
	begin(keeper, request, 1);
}

void try_lock(struct keeper *keeper, const struct request *request)
{
	begin(keeper, request, 0);
}

int lock_child_ended(struct keeper *keeper, pid_t child, int status)
{
	struct lock *lock = keeper->locks;

	while (lock && lock->waiter != child)
		lock = lock->next;
	if (!lock)
		return 0;
	lock->waiter = 0;
	if (status == 0 && is_current(lock)) {
		sign(lock, keeper->owner);
		reply(lock->id, 0, "");
	} else {
		close(lock->file);
		proceed(keeper, lock, 1);
	}
	return 1;
}

static void release(struct lock *lock)
{
	if (lock->waiter) {
		kill(lock->waiter, SIGKILL);
		waitpid(lock->waiter, NULL, 0);
	} else if (is_current(lock)) {
		unlink(lock->path);
	}
	/* Children that were forked meanwhile share the open file: closing alone would not free it. */
	flock(lock->file, LOCK_UN);
}

/* The argument is the id of the request that took the lock. A request still waiting is answered too. */
void free_lock(struct keeper *keeper, const struct request *request)
{
	unsigned long id = strtoul(request->argument, NULL, 10);
	struct lock *lock = keeper->locks;

	while (lock && lock->id != id)
		lock = lock->next;
	if (lock) {
		if (lock->waiter)
			reply(lock->id, ECANCELED, "");
		release(lock);
		drop(keeper, lock);
	}
	reply(request->id, lock ? 0 : ENOENT, "");
}

void free_all_locks(struct keeper *keeper)
{
	for (struct lock *lock = keeper->locks; lock; lock = lock->next)
		release(lock);
}

/* Answers with the process that has a POSIX lock on the file (LevelDB's is one), or 0. */
void find_holder(struct keeper *keeper, const struct request *request)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int file = open(request->argument, O_RDONLY | O_CLOEXEC);
	int error = 0;
	char text[16] = "";

	(void)keeper;
	if (file < 0 || fcntl(file, F_GETLK, &lock) < 0)
		error = errno;
	else
		snprintf(text, sizeof text, "%d", lock.l_type == F_UNLCK ? 0 : lock.l_pid);
	if (file >= 0)
		close(file);
	reply(request->id, error, text);
}
