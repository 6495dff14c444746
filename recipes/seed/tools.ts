import type { Meta } from 'store/recipe'
import { bash } from './bash.js'
import type { DebName } from './deb.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

interface ToolOptions {
  readonly links?: Readonly<Record<string, string>>
  /** Where it is at home and under which licence; both as GNU programs have it when left out. */
  readonly meta?: Pick<Meta, 'homepage' | 'license'>
}

/** A program in a package of its own. Bash runs the scripts among them. */
const tool = (
  name: string,
  debs: readonly [DebName, ...DebName[]],
  synopsis: string,
  { links = {}, meta }: ToolOptions = {},
) =>
  relocated({
    name,
    debs,
    inputs: { bash, glibc, libraries },
    links,
    meta: {
      synopsis,
      homepage: `https://www.gnu.org/software/${name}/`,
      license: 'GPL-3.0-or-later',
      ...meta,
    },
  })

export const coreutils = tool('coreutils', ['coreutils'], 'Basic programs for files, texts and processes')
export const sed = tool('sed', ['sed'], 'Stream editor')
export const grep = tool('grep', ['grep'], 'Search for lines that match patterns')
export const gawk = tool('gawk', ['gawk'], 'The GNU implementation of awk', { links: { 'bin/awk': 'gawk' } })
export const findutils = tool('findutils', ['findutils'], 'Search of folders: find and xargs')
export const diffutils = tool('diffutils', ['diffutils'], 'Comparison of files: diff and cmp')
export const tar = tool('tar', ['tar'], 'Archiver')
export const gzip = tool('gzip', ['gzip'], 'Compression of files')
export const bzip2 = tool('bzip2', ['bzip2'], 'Compression of files, denser than gzip', {
  meta: { homepage: 'https://sourceware.org/bzip2/', license: 'bzip2-1.0.6' },
})
export const xz = tool('xz', ['xz-utils'], 'Compression of files with LZMA', {
  meta: { homepage: 'https://tukaani.org/xz/', license: '0BSD AND LGPL-2.1-or-later AND GPL-2.0-or-later' },
})
export const make = tool('make', ['make'], 'Builder of what has changed')
export const patch = tool('patch', ['patch'], 'Application of differences to files')
export const m4 = tool('m4', ['m4'], 'Macro processor')
