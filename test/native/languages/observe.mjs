// Prints what a JavaScript program sees of its host.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, opendirSync, statSync, writeFileSync } from 'node:fs'
import { cpus, hostname, release, totalmem } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

console.log('time', Math.floor(Date.now() / 1000), hostname(), release(), totalmem(), cpus().length)
const folder = opendirSync('names')
const names = []
for (let entry = folder.readSync(); entry; entry = folder.readSync()) names.push(entry.name)
console.log('names', names.join(' '))
console.log('random', randomBytes(8).toString('hex'))
writeFileSync('written', 'x')
console.log('written', Math.floor(statSync('written').mtimeMs / 1000), mkdtempSync('folder-').length)
const start = performance.now()
await Promise.all([1, 2, 3, 4].map(n => setTimeout(50 * n)))
const worker = new Worker(
  'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); require("worker_threads").parentPort.postMessage(7)',
  { eval: true },
)
console.log('worker', await new Promise(resolve => worker.once('message', resolve)))
const passed = performance.now() - start
console.log('waited', passed > 290 && passed < 20000)
