/* A terminal for a build that somebody talks with: a pair of the host's, joined to the terminal that the helper was given. */
#include "sandbox.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

int open_terminal(struct build *build)
{
	int unlocked = 0;

	/* Who types ahead of a builder that does not read must not keep us from all else. */
	build->output[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (build->output[0] < 0 || ioctl(build->output[0], TIOCSPTLCK, &unlocked) < 0)
		return -1;
	build->output[1] = ioctl(build->output[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	leave_output();
	resize_terminal(build->output[0]);
	return build->output[1] < 0 ? -1 : 0;
}

/* The builder's terminal has done to its output what is to be done. */
void leave_output(void)
{
	struct termios modes;

	if (tcgetattr(TERMINAL_FD, &modes) < 0)
		return;
	modes.c_oflag &= ~OPOST;
	tcsetattr(TERMINAL_FD, TCSANOW, &modes);
}

/* Makes it the controlling terminal of our session, which has none. */
int take_terminal(int terminal)
{
	return ioctl(terminal, TIOCSCTTY, 0);
}

/* Whoever has another size will say so again. */
void resize_terminal(int terminal)
{
	struct winsize size;

	if (ioctl(TERMINAL_FD, TIOCGWINSZ, &size) == 0)
		ioctl(terminal, TIOCSWINSZ, &size);
}
