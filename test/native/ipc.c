/* ipc: makes memory, semaphores and a queue of System V and prints when they were made and used, by every way to ask. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { SEM_ANY = 20, MSG_ANY = 13, SHM_ANY = 15 };

static void tell(const char *what, const char *how, time_t when)
{
	if (when)
		printf("%s %s: %ld\n", what, how, (long)when);
	else
		printf("%s %s: never\n", what, how);
}

/* The place of an object in the kernel's table, by which the other ways ask. */
static int place_of(int id)
{
	return id % 32768;
}

static void tell_memory(int id)
{
	static const int ways[] = { IPC_STAT, SHM_STAT, SHM_ANY };

	for (size_t i = 0; i < 3; i++) {
		struct shmid_ds about;

		if (shmctl(i ? place_of(id) : id, ways[i], &about) != (i ? id : 0))
			exit(1);
		tell("memory", "attached", about.shm_atime);
		tell("memory", "detached", about.shm_dtime);
		tell("memory", "changed", about.shm_ctime);
	}
}

static void tell_semaphore(int id)
{
	static const int ways[] = { IPC_STAT, SEM_STAT, SEM_ANY };

	for (size_t i = 0; i < 3; i++) {
		struct semid_ds about;

		if (semctl(i ? place_of(id) : id, 0, ways[i], &about) != (i ? id : 0))
			exit(1);
		tell("semaphore", "used", about.sem_otime);
		tell("semaphore", "changed", about.sem_ctime);
	}
}

static void tell_queue(int id)
{
	static const int ways[] = { IPC_STAT, MSG_STAT, MSG_ANY };

	for (size_t i = 0; i < 3; i++) {
		struct msqid_ds about;

		if (msgctl(i ? place_of(id) : id, ways[i], &about) != (i ? id : 0))
			exit(1);
		tell("queue", "sent", about.msg_stime);
		tell("queue", "received", about.msg_rtime);
		tell("queue", "changed", about.msg_ctime);
	}
}

int main(void)
{
	int memory = shmget(IPC_PRIVATE, 4096, 0600), semaphore = semget(IPC_PRIVATE, 1, 0600),
		queue = msgget(IPC_PRIVATE, 0600);
	struct sembuf raise = { 0, 1, 0 };
	struct { long type; char text[1]; } message = { 1, "" };
	void *at;

	tell_memory(memory), tell_semaphore(semaphore), tell_queue(queue);
	at = shmat(memory, NULL, 0);
	shmdt(at);
	semop(semaphore, &raise, 1);
	msgsnd(queue, &message, 1, 0);
	if (msgrcv(queue, &message, 1, 0, 0) != 1)
		return 1;
	tell_memory(memory), tell_semaphore(semaphore), tell_queue(queue);
	printf("value: %d\n", semctl(semaphore, 0, GETVAL));
	printf("nowhere: %d %d %d\n", shmctl(memory, IPC_STAT, NULL), semctl(semaphore, 0, IPC_STAT, NULL),
		msgctl(queue, IPC_STAT, NULL));
	shmctl(memory, IPC_RMID, NULL), semctl(semaphore, 0, IPC_RMID), msgctl(queue, IPC_RMID, NULL);
	return 0;
}
