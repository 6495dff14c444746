#ifndef TRACER_FILTER_H
#define TRACER_FILTER_H

/* Installs the filter in this process and all it will start. Returns the supervisor's descriptor, or -1. */
int install_filter(void);

#endif
