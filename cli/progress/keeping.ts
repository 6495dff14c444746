import type { CollectProgress, MarkProgress, VerifyProgress } from '../../store/index.js'
import { formatSize } from '../terminal.js'

/** `1234567` as `1,234,567`. */
const count = (n: number): string => n.toLocaleString('en')

/** `3,000 objects found, 1,000 live`. */
export const describeMarking = ({ found, live }: MarkProgress): string =>
  `${count(found)} objects found, ${count(live)} live`

/** `3,000 objects found, 1,000 live, 2,000 dead`, and below `500 deleted, 1.2 MiB freed, 1,500 remaining, 3.1 MiB`. */
export function describeCollection({ step, marked, swept }: CollectProgress): string {
  if (!marked) return step
  if (!swept) return describeMarking(marked)
  const dead = marked.found - marked.live
  return [
    `${describeMarking(marked)}, ${count(dead)} dead`,
    [
      `${count(swept.objects)} deleted, ${formatSize(swept.bytes)} freed`,
      `${count(Math.max(0, dead - swept.objects))} remaining, ${formatSize(Math.max(0, swept.doomed - swept.bytes))}`,
    ].join(', '),
  ].join('\n')
}

/** `look at every file: 500 of 3,000`. */
export const describeVerification = ({ step, checked, total }: VerifyProgress): string =>
  checked === undefined || total === undefined ? step : `${step}: ${count(checked)} of ${count(total)}`
