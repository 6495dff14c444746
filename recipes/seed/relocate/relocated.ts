import {
  lines,
  type Meta,
  type Recipe,
  recipe,
  type SearchPaths,
  sh,
  type Text,
  text,
  trivial,
} from 'store/recipe'
import { busybox } from '../busybox.js'
import { type DebName, versionOf } from '../deb.js'
import { patchelf } from '../patchelf.js'
import { repairElf } from './elf.js'
import { flatten, trim } from './flatten.js'
import { repairLinks } from './links.js'
import { repairScripts } from './scripts.js'
import { unpackDebs } from './unpack.js'

export interface RelocatedOptions {
  readonly name: string
  /** The packages to join. The first gives the version. */
  readonly debs: readonly [DebName, ...DebName[]]
  /** Where the libraries and interpreters are that these packages need. */
  readonly inputs?: Readonly<Record<string, Recipe>>
  /** What to leave out, before anything is repaired: paths in the output, which may be patterns. */
  readonly without?: readonly string[]
  /** Further names: each link in the output, and where it leads from its own folder. */
  readonly links?: Readonly<Record<string, string>>
  /** Further changes to the finished output. */
  readonly finish?: Text
  readonly searchPaths?: SearchPaths
  readonly meta?: Meta
}

/** Makes a store object of Debian packages: laid out anew, with every path inside pointing into the store. */
export function relocated({
  name,
  debs,
  inputs = {},
  without = [],
  links = {},
  finish,
  searchPaths,
  meta,
}: RelocatedOptions): Recipe {
  const foldersOf = (folder: string): Text =>
    sh`${Object.values(inputs).map(input => sh`${input}/${text(folder)}`)}`
  const glibc = inputs.glibc ? sh`${inputs.glibc}` : text('$out')
  return recipe({
    name,
    version: versionOf(debs[0]),
    inputs: { busybox, patchelf, ...inputs },
    phases: trivial(
      lines(
        unpackDebs(debs),
        flatten,
        trim,
        text(...without.map(path => `rm -rf "$out"/${path}\n`)),
        text(...Object.entries(links).map(([link, target]) => `ln -s ${target} "$out/${link}"\n`)),
        repairLinks(foldersOf('lib')),
        repairScripts(foldersOf('bin')),
        repairElf(glibc, foldersOf('lib')),
        finish ?? text(':'),
      ),
      { shell: sh`${busybox}/bin/sh` },
    ),
    searchPaths: searchPaths ?? { PATH: ['bin'] },
    meta: meta ?? {},
  })
}
