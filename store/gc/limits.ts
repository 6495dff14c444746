/** When a collection has done enough. */
export interface Limits {
  /** Ends as soon as so many bytes are freed. */
  readonly maxFreed?: number | undefined
  /** Ends as soon as the objects' file system has so many bytes free. */
  readonly minFree?: number | undefined
}

/**
 * How many bytes the limits ask for after `freed` bytes of objects were deleted: the least that either wants, without
 * limits all there is. `measure` tells how many bytes are free on the disk, and may take long: it is asked again only
 * when what was deleted could be enough, and after twice as much each time that it was not.
 */
export function watchLimits(
  { maxFreed, minFree }: Limits,
  measure: () => Promise<number>,
): (freed: number) => Promise<number> {
  let stride = 0
  let next = 0
  const untilFree = async (freed: number): Promise<number> => {
    if (minFree === undefined) return Number.POSITIVE_INFINITY
    if (freed < next) return next - freed
    const wanted = minFree - (await measure())
    if (wanted <= 0) return 0
    stride = Math.max(wanted, 2 * stride)
    next = freed + stride
    return stride
  }
  return async freed =>
    Math.min(maxFreed === undefined ? Number.POSITIVE_INFINITY : maxFreed - freed, await untilFree(freed))
}
