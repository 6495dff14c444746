import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { emit, type Recipe } from '../../builder/recipe/index.js'
import { hello } from '../../recipes/hello.js'
import { perl } from '../../recipes/perl.js'
import { python } from '../../recipes/python.js'
import { toolchain } from '../../recipes/toolchain.js'
import { zlib } from '../../recipes/zlib.js'

interface Pin {
  readonly version: string
  readonly path: string
  readonly size: number
  readonly sha256: string
}

const file = new URL('../../recipes/seed/debs.json', import.meta.url)
const pins = Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, Pin>)

const nodesOf = (recipe: Recipe) => emit({ 'channel/it.ts': { recipe } }, { select: {} }).nodes

const fetched = (recipe: Recipe): string[] =>
  nodesOf(recipe).flatMap(node => (node.kind === 'fetch' ? [node.urls[0]!] : []))

describe('the pins', () => {
  test.each(pins)('of %s name one file of the pool and its hash', (name, { version, path, size, sha256 }) => {
    expect(path).toMatch(new RegExp(`^pool/main/[a-z0-9+.-]+/[a-z0-9+.-]+/${name.replaceAll('+', '\\+')}_`))
    expect(path).toContain(`_${version.replace(/^\d+:/, '')}_`)
    expect(size).toBeGreaterThan(1000)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  test('are sorted, so that a refresh changes only what is new', () => {
    const names = pins.map(([name]) => name)
    expect(names).toEqual(names.toSorted())
  })

  test('are all used', () => {
    const used = new Set([hello, python].flatMap(fetched))
    const optional = /^(perl|libperl|libdb|libgdbm|auto|libtool|m4|file|libmagic|pkgconf|libpkgconf)/
    expect(
      pins.filter(([name, { path }]) => !used.has(`mirror://debian/${path}`) && !optional.test(name)),
    ).toEqual([])
  })
})

describe('the seed', () => {
  test('is unpacked by its own busybox, but for the package that holds it', () => {
    const unpacked = nodesOf(hello).filter(node => node.kind === 'unpack')
    expect(unpacked.map(node => node.name)).toEqual([expect.stringMatching(/^busybox-static_/)])
  })

  test('of hello has neither Perl nor Python, and is no more than 75 MB to fetch', () => {
    const urls = fetched(hello)
    expect(urls.filter(url => /perl|python/.test(url))).toEqual([])
    const sizes = pins
      .filter(([, { path }]) => urls.includes(`mirror://debian/${path}`))
      .map(([, { size }]) => size)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(75_000_000)
  })

  test('names no host', () => {
    for (const url of [hello, zlib, perl, python].flatMap(fetched)) expect(url).toMatch(/^mirror:\/\//)
  })
})

describe('a build with the toolchain', () => {
  const build = nodesOf(zlib).at(-1)!
  const variables = build.kind === 'build' ? build.env : {}

  test('looks for headers and libraries in no folder of the toolchain, whose compiler knows its own', () => {
    expect(Object.keys(variables)).not.toContain('C_INCLUDE_PATH')
    expect(Object.keys(variables)).not.toContain('LIBRARY_PATH')
  })

  test('finds the locale C.UTF-8', () => {
    expect(variables.LOCPATH?.at(-1)).toBe('/lib/locale')
  })

  test('has each tool once', () => {
    expect(new Set(Object.values(toolchain)).size).toBe(Object.keys(toolchain).length)
  })
})
