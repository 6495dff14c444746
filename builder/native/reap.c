/* For those who become the parent of whatever loses its own. */
#include "sandbox.h"

#include <sys/wait.h>

int has_ended(pid_t child, int *status)
{
	pid_t ended;

	while ((ended = waitpid(-1, status, WNOHANG)) > 0)
		if (ended == child)
			return 1;
	return 0;
}
