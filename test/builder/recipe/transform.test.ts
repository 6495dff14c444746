import { describe, expect, test } from 'vitest'
import { emit, gnu, recipe, sh, type Transformations, text, trivial } from '../../../builder/recipe/index.js'

const bash = recipe({ name: 'bash', version: '5', phases: trivial(sh`:`, { shell: text('/sh') }) })
const zlib = recipe({ name: 'zlib', version: '1', inputs: { bash }, phases: gnu() })
const other = recipe({ name: 'zlib-ng', version: '2', inputs: { bash }, phases: gnu() })
const app = recipe({
  name: 'app',
  version: '1',
  inputs: { bash, zlib },
  phases: gnu({ configureFlags: [sh`--zlib=${zlib}`] }),
})

const emitted = (transform: Transformations) =>
  emit({ 'channel/a.ts': { app, zlib, other } }, { select: { name: 'app' }, transform })

const build = (transform: Transformations, name: string) =>
  emitted(transform).nodes.find(node => node.kind === 'build' && node.name === name)

describe('transformations', () => {
  test('replace an input everywhere, also where a script names it', () => {
    const { nodes, changed } = emitted({ withInput: [{ name: 'zlib', replacement: 'zlib-ng' }] })
    expect(nodes.map(({ name }) => name)).toEqual(['bash-5', 'zlib-ng-2', 'app-1'])
    expect(changed).toEqual(['zlib'])
  })

  test('leave tests out in the package named, and say so', () => {
    const script = JSON.stringify(build({ withoutTests: ['zlib'] }, 'zlib-1'))
    expect(script).not.toContain('phase_check()')
    expect(JSON.stringify(build({ withoutTests: ['zlib'] }, 'app-1'))).toContain('phase_check()')
    expect(emitted({ withoutTests: ['bash'] }).changed).toEqual(['bash'])
  })

  test('give another source, and patches', () => {
    const { nodes } = emitted({
      withSource: [{ name: 'zlib', path: 'given/zlib-2.tar.gz' }],
      withPatch: [{ name: 'zlib', path: 'given/fix.patch' }],
    })
    expect(
      nodes
        .filter(({ kind }) => kind === 'local')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['fix.patch', 'zlib-2.tar.gz'])
  })

  test('mean what is exported under the name, and not what it is built with', () => {
    const seed = recipe({ name: 'sed', version: '4', phases: trivial(sh`:`, { shell: text('/sh') }) })
    const sed = recipe({ name: 'sed', version: '5', inputs: { bash, sed: seed }, phases: gnu() })
    const user = recipe({ name: 'user', version: '1', inputs: { bash, sed, seed }, phases: gnu() })
    const all = (transform: Transformations) =>
      emit({ 'channel/a.ts': { sed, zlib, user } }, { select: { name: 'user' }, transform })
    const patched = all({ withPatch: [{ name: 'sed', path: 'given/fix.patch' }] })
    expect(patched.changed).toEqual(['sed'])
    expect(patched.nodes.filter(node => node.name === 'sed-4')).toEqual(
      all({}).nodes.filter(node => node.name === 'sed-4'),
    )
    expect(JSON.stringify(patched.nodes.find(node => node.name === 'sed-5'))).not.toEqual(
      JSON.stringify(all({}).nodes.find(node => node.name === 'sed-5')),
    )
    const replaced = all({ withInput: [{ name: 'sed', replacement: 'zlib' }] })
    expect(replaced.nodes.map(({ name }) => name)).toContain('sed-4')
    expect(replaced.nodes.map(({ name }) => name)).not.toContain('sed-5')
  })

  test('apply to what takes the place of an input, too', () => {
    const { nodes, changed } = emitted({
      withInput: [{ name: 'zlib', replacement: 'zlib-ng' }],
      withPatch: [{ name: 'zlib-ng', path: 'given/fix.patch' }],
    })
    expect(nodes.map(({ name }) => name)).toEqual(['bash-5', 'fix.patch', 'zlib-ng-2', 'app-1'])
    expect(changed).toEqual(['zlib-ng', 'zlib'])
  })

  test('refuse replacements in a circle', () => {
    expect(() =>
      emitted({
        withInput: [
          { name: 'zlib', replacement: 'zlib-ng' },
          { name: 'zlib-ng', replacement: 'zlib' },
        ],
      }),
    ).toThrow('"zlib" would take the place of itself')
    expect(emitted({ withInput: [{ name: 'zlib', replacement: 'zlib' }] }).nodes).toEqual(emitted({}).nodes)
  })

  test('change nothing else', () => {
    expect(build({ withoutTests: ['zlib'] }, 'bash-5')).toEqual(build({}, 'bash-5'))
    expect(emitted({ withoutTests: ['nobody'] })).toEqual({ ...emitted({}), changed: [] })
  })

  test('refuse a replacement that needs what it replaces', () => {
    const wrapper = recipe({ name: 'wrapper', version: '1', inputs: { bash, zlib }, phases: gnu() })
    expect(() =>
      emit(
        { 'channel/a.ts': { app, wrapper } },
        { select: { name: 'app' }, transform: { withInput: [{ name: 'zlib', replacement: 'wrapper' }] } },
      ),
    ).toThrow('would be an input of itself')
  })

  test('refuse a replacement that does not exist, and patches where nothing applies them', () => {
    expect(() => emitted({ withInput: [{ name: 'zlib', replacement: 'no' }] })).toThrow(
      'There is no recipe "no"',
    )
    expect(() => emitted({ withPatch: [{ name: 'bash', path: 'given/x' }] })).toThrow('is not built by gnu()')
  })
})
