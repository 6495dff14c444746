#ifndef TRACER_IMAGE_H
#define TRACER_IMAGE_H

#include "settings.h"

struct shared;

/* Makes the memory file and maps its shared part here. Returns its descriptor, or -1 with errno. */
int make_image(const struct tracer_settings *settings, struct shared **shared);

#endif
