/* Runs a command on a terminal of its own: pty COLUMNS ROWS COMMAND...
 *
 * What the command writes goes to stdout, what comes on stdin is typed. A line `COLUMNS ROWS` on descriptor 3 resizes
 * the terminal. Ends when the terminal does, with the status of the command. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(127);
}

static void copy(const char *bytes, ssize_t length, int to)
{
	while (length > 0) {
		ssize_t n = write(to, bytes, length);

		if (n < 0 && errno != EINTR)
			exit(0);
		if (n > 0)
			bytes += n, length -= n;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int terminal, status;
	pid_t child;

	if (argc < 4)
		return 127;
	size.ws_col = atoi(argv[1]);
	size.ws_row = atoi(argv[2]);
	child = forkpty(&terminal, NULL, NULL, &size);
	if (child < 0)
		die("forkpty");
	if (child == 0) {
		close(3);
		execvp(argv[3], argv + 3);
		die(argv[3]);
	}
	struct pollfd from[] = { { terminal, POLLIN, 0 }, { 0, POLLIN, 0 }, { 3, POLLIN, 0 } };
	for (;;) {
		char bytes[65536];
		ssize_t n;

		if (poll(from, 3, -1) < 0 && errno != EINTR)
			die("poll");
		if (from[2].revents) {
			n = read(3, bytes, sizeof bytes - 1);
			bytes[n < 0 ? 0 : n] = '\0';
			if (n <= 0)
				from[2].fd = -1;
			else if (sscanf(bytes, "%hu %hu", &size.ws_col, &size.ws_row) == 2)
				ioctl(terminal, TIOCSWINSZ, &size);
		}
		if (from[1].revents) {
			n = read(0, bytes, sizeof bytes);
			if (n <= 0)
				from[1].fd = -1;
			else
				copy(bytes, n, terminal);
		}
		if (from[0].revents) {
			n = read(terminal, bytes, sizeof bytes);
			if (n <= 0)
				break;
			copy(bytes, n, 1);
		}
	}
	if (waitpid(child, &status, 0) < 0)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
