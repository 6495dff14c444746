import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes a recipe file whose `all` needs the builds from `from` up to `to`, each of which needs the one ten before
 * it. Two files of one `name` have the builds in common that are in both.
 */
export async function writeGraph(
  root: string,
  name: string,
  [from, to]: readonly [number, number],
  seconds = 0,
): Promise<string> {
  const file = join(root, `${name}-${from}-${to}.ts`)
  await writeFile(
    file,
    `
import { recipe, sh, trivial } from 'store/recipe'
import { busybox } from 'store/channel/seed/busybox'
const make = (name, script) => recipe({
  name, version: '1',
  phases: trivial(script, { shell: sh\`\${busybox}/bin/busybox\`, shellArguments: ['sh'] }),
})
const made = []
for (let i = 0; i < ${to}; i++)
  made.push(make('${name}-' + i, sh\`\${${seconds} > 0 ? sh\`\${busybox}/bin/busybox sleep ${seconds}; \` : sh\`\`}: \${i >= 10 ? made[i - 10] : sh\`\`}; echo \${String(i)} > "$out"\`))
export const all = make('${name}-${from}-${to}', made.slice(${from}).reduce((text, one) => sh\`\${text}; : \${one}\`, sh\`echo done > "$out"\`))
`,
  )
  return file
}
