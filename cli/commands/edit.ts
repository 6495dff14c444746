import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { basename, dirname } from 'node:path'
import { locateFile, refreshTypes, worldOfFiles } from '../../builder/index.js'
import { reading } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'
import { findPackage } from '../objects.js'

/** How editors are told a line; to any other only the file is given. */
const places: readonly (readonly [
  editors: RegExp,
  words: (file: string, line: number) => readonly string[],
])[] = [
  [
    /^(e?vi|vim|nvim|view|nano|pico|emacs|emacsclient|jmacs|mg|joe|kak|micro|jed|ne|zile)$/,
    (file, line) => [`+${line}`, file],
  ],
  [/^(code|codium|code-insiders)$/, (file, line) => ['--goto', `${file}:${line}`]],
  [/^(hx|helix|subl|zed)$/, (file, line) => [`${file}:${line}`]],
]

export const command = defineCommand({
  usage: 'edit PKG',
  describe: 'Open the recipe of a package in $VISUAL or $EDITOR, at its line',
  examples: [
    ['store edit hello', 'the recipe that store build hello uses'],
    ["VISUAL='code --wait' store edit ./my.ts", 'words for the editor'],
  ],
  words: [1, 1],
  async run(context, args) {
    const { channel, roots, package: found } = await findPackage(context, args.words[0]!)
    const file = locateFile(roots, found.file)!
    refreshTypes(dirname(file), channel?.world ?? worldOfFiles(await context.channels()))
    const text = await reading(file, () => readFile(file, 'utf8'))
    const line = lineOf(text, found.exportName)
    const editor = context.env.VISUAL || context.env.EDITOR || 'vi'
    const [program = ''] = editor.trim().split(/\s+/)
    const words = places.find(([editors]) => editors.test(basename(program)))?.[1](file, line) ?? [file]
    // As git does: the variable is a piece of a shell's command.
    context.releaseSignals()
    const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, program, ...words], { stdio: 'inherit' })
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal!]))
    })
    if (process.exitCode === 127)
      throw new Usage(`The editor "${editor}" cannot be started`, { hint: 'Set VISUAL or EDITOR to yours' })
  },
})

/** The line, from 1, that declares an export; the first where it is made in another way. */
function lineOf(text: string, exportName: string): number {
  const declaration = new RegExp(`^export (const|let|var|function) ${exportName.replace(/\$/g, '\\$&')}\\b`)
  const index = text.split('\n').findIndex(line => declaration.test(line))
  return index < 0 ? 1 : index + 1
}
