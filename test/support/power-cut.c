/* Cuts the power of a file system (ext4 or xfs): nothing that is not on its disk by now ever gets there. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define SHUTDOWN _IOR('X', 125, uint32_t)
#define WITHOUT_FLUSHING_THE_LOG 2

int main(int argc, char **argv)
{
	uint32_t how = WITHOUT_FLUSHING_THE_LOG;

	for (int i = 1; i < argc; i++) {
		int root = open(argv[i], O_RDONLY | O_DIRECTORY);

		if (root < 0 || ioctl(root, SHUTDOWN, &how) < 0) {
			perror(argv[i]);
			return 1;
		}
	}
	return 0;
}
