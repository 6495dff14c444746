#ifndef SHIM_VDSO_H
#define SHIM_VDSO_H

/* The function of ours that stands for the one at this offset of the vDSO; 0 for none. */
unsigned long replacement_for(unsigned long offset);

#endif
