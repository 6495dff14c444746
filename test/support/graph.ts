import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Builds that are called `<name>-<number>`, each of which needs the one ten before it. */
export interface Strand {
  readonly name: string
  readonly count: number
}

/**
 * Writes a recipe file whose `all` needs all builds of the strands, of which those of one strand need those of the same
 * number in the strand before it. Files have the builds in common whose strands, from the first on, are the same.
 */
export async function writeGraph(
  root: string,
  name: string,
  strands: readonly Strand[],
  seconds = 0,
): Promise<string> {
  const file = join(root, `${name}.ts`)
  await writeFile(
    file,
    `
import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
const make = (name, script) => recipe({
  name, version: '1',
  phases: trivial(script, { shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'] }),
})
const pause = ${seconds} > 0 ? sh\`\${busybox}/bin/busybox sleep ${seconds}; \` : sh\`\`
const last = []
let before = []
for (const { name, count } of ${JSON.stringify(strands)}) {
  const strand = []
  for (let i = 0; i < count; i++) {
    const needs = [strand[i - 10], before[i]].filter(need => need !== undefined)
    strand.push(make(name + '-' + i, sh\`\${pause}: \${needs}; echo \${name} \${i} > "$out"\`))
  }
  last.push(...strand.slice(-10))
  before = strand
}
export const all = make('${name}', sh\`: \${last}; echo done > "$out"\`)
`,
  )
  return file
}

/** Writes a recipe file whose `all` is the last of a chain of builds, `link-0` to `link-<count - 1>`. */
export async function writeChain(root: string, count: number): Promise<string> {
  const file = join(root, `chain-${count}.ts`)
  await writeFile(
    file,
    `
import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
const link = (before, i) => recipe({
  name: 'link-' + i, version: '1',
  phases: trivial(sh\`: \${before}; echo \${i} > "$out"\`, { shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'] }),
})
export const all = Array.from({ length: ${count} }, (_, i) => i).reduce(link, [])
`,
  )
  return file
}
