import { fetchUrl } from 'store/recipe'
import pins from './debs.json' with { type: 'json' }

/** A Debian package this seed is made of; `debs.json` pins its bytes. */
export type DebName = keyof typeof pins

/** Declares the package as Debian's pool has it. What counts is its hash: it may come from anywhere. */
export const deb = (name: DebName) =>
  fetchUrl({
    url: `mirror://debian/${pins[name].path}`,
    hash: `sha256:${pins[name].sha256}`,
  })

/** Debian's version without its epoch, which only orders releases: 6.2.1+dfsg1-1.1 of 2:6.2.1+dfsg1-1.1. */
export const versionOf = (name: DebName): string => pins[name].version.replace(/^\d+:/, '')
