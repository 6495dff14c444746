import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { emit } from '../../builder/recipe/index.js'

const folder = new URL('../../recipes/', import.meta.url)
const files = (await readdir(folder)).filter(name => name.endsWith('.ts'))
const modules = await Promise.all(
  files.map(async name => [`channel/${name}`, await import(new URL(name, folder).href)] as const),
)
const { packages } = emit(Object.fromEntries(modules), {})

test.each(packages.map(({ name, meta }) => [name, meta] as const))(
  '%s says what it is, where it is at home and how it is licensed',
  (_name, meta) => {
    expect(meta).toMatchObject({
      synopsis: expect.stringMatching(/^[A-Z].*[^.]$/),
      homepage: expect.stringMatching(/^https?:\/\//),
      license: expect.stringMatching(/^[0-9A-Za-z.-]+(?: (?:AND|OR|WITH) [0-9A-Za-z.-]+)*$/),
    })
  },
)
