#ifndef TRACER_IMAGE_H
#define TRACER_IMAGE_H

struct loaders;
struct shared;
struct tracer_settings;

/* Fills the file `image`, which is empty. Returns 0, or -1 with errno. */
int fill_image(int image, const struct tracer_settings *settings, const struct loaders *loaders);

/* Its shared part; NULL with errno. */
struct shared *map_shared(int image);

#endif
