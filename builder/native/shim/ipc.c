/* Memory, semaphores and queues of System V: what happened to them happened in the build, and so at its time. */
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "shim.h"

/* Zero is never. These are whole seconds. */
static void hide_time(time_t *time)
{
	if (*time)
		*time = settings->epoch;
}

long handle_shmctl(const struct call *call)
{
	struct shmid_ds *about = (struct shmid_ds *)call->args[2];
	long result = real(SYS_shmctl, call->args[0], call->args[1], about);

	if (result < 0)
		return result;
	hide_time(&about->shm_atime);
	hide_time(&about->shm_dtime);
	hide_time(&about->shm_ctime);
	return result;
}

long handle_semctl(const struct call *call)
{
	struct semid_ds *about = (struct semid_ds *)call->args[3];
	long result = real(SYS_semctl, call->args[0], call->args[1], call->args[2], about);

	if (result < 0)
		return result;
	hide_time(&about->sem_otime);
	hide_time(&about->sem_ctime);
	return result;
}

long handle_msgctl(const struct call *call)
{
	struct msqid_ds *about = (struct msqid_ds *)call->args[2];
	long result = real(SYS_msgctl, call->args[0], call->args[1], about);

	if (result < 0)
		return result;
	hide_time(&about->msg_stime);
	hide_time(&about->msg_rtime);
	hide_time(&about->msg_ctime);
	return result;
}
