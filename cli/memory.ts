import { setFlagsFromString } from 'node:v8'

/**
 * Lets the heap grow by half before garbage is looked for, not to a multiple of what is alive: for commands that read
 * the records of all objects, of which they keep little. A million of them would take more than a gigabyte.
 */
export const keepHeapSmall = (): void => setFlagsFromString('--heap-growing-percent=50')
