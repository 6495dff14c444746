import { bash } from './bash.js'
import type { DebName } from './deb.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** A GNU program in a package of its own. Bash runs the scripts among them. */
const tool = (
  name: string,
  debs: readonly [DebName, ...DebName[]],
  synopsis: string,
  links: Readonly<Record<string, string>> = {},
) =>
  relocated({
    name,
    debs,
    inputs: { bash, glibc, libraries },
    links,
    meta: { synopsis },
  })

export const coreutils = tool('coreutils', ['coreutils'], 'Basic programs for files, texts and processes')
export const sed = tool('sed', ['sed'], 'Stream editor')
export const grep = tool('grep', ['grep'], 'Search for lines that match patterns')
export const gawk = tool('gawk', ['gawk'], 'The GNU implementation of awk', { 'bin/awk': 'gawk' })
export const findutils = tool('findutils', ['findutils'], 'Search of folders: find and xargs')
export const diffutils = tool('diffutils', ['diffutils'], 'Comparison of files: diff and cmp')
export const tar = tool('tar', ['tar'], 'Archiver')
export const gzip = tool('gzip', ['gzip'], 'Compression of files')
export const bzip2 = tool('bzip2', ['bzip2'], 'Compression of files, denser than gzip')
export const xz = tool('xz', ['xz-utils'], 'Compression of files with LZMA')
export const make = tool('make', ['make'], 'Builder of what has changed')
export const patch = tool('patch', ['patch'], 'Application of differences to files')
export const m4 = tool('m4', ['m4'], 'Macro processor')
