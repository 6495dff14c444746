import { makePhases, type Phase, type Phases } from '../phases.js'
import { checkFields, RecipeProblem } from '../problem.js'
import { lines, sh, text } from '../text.js'
import { bashDriver } from './gnu/driver.js'
import { unpack } from './gnu/source.js'

export interface CopyOptions {
  /** For each path of the unpacked source, where it goes in the output; a trailing slash means into that folder. */
  readonly files: Readonly<Record<string, string>>
}

const install: Phase<CopyOptions> = {
  name: 'install',
  script: ({ files }) =>
    lines(
      ...Object.entries(files).map(([from, to]) => {
        const folder = to.endsWith('/') ? to : to.split('/').slice(0, -1).join('/')
        return sh`mkdir -p "$out"/${folder}
cp -a ${from} "$out"/${to}`
      }),
      text('true'),
    ),
}

/** Copies files of the source into the output. */
export function copy(options: CopyOptions): Phases<CopyOptions> {
  checkFields('copy', options, ['files'])
  for (const [from, to] of Object.entries(options.files ?? {})) {
    if (![from, to].some(path => path.startsWith('/') || path.split('/').includes('..'))) continue
    throw new RecipeProblem(
      `copy cannot take "${from}" to "${to}"`,
      'Both are relative, from the source into the output',
    )
  }
  return makePhases<CopyOptions>(bashDriver, options, [unpack, install])
}
