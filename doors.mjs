// An esbuild plugin: whoever imports from a layer's door (its `index.ts`) gets the files behind it that it names,
// and no others. esbuild alone would put all that a door leads to into one chunk, to be loaded by every command.
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const doors = ['store/index.ts', 'builder/index.ts'].map(file =>
  fileURLToPath(new URL(file, import.meta.url)),
)

const statement = /^(import|export) (type )?\{([^}]*)\} from '([^']+)'/gm

/** The names in the braces of an import or export, without those of types. */
const namesIn = list =>
  list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '))

/** For each name a door exports, the file that it comes from. */
async function readDoor(door) {
  const text = await readFile(door, 'utf8')
  return new Map(
    [...text.matchAll(statement)].flatMap(([, , type, list, file]) =>
      type ? [] : namesIn(list).map(name => [name, resolve(dirname(door), file)]),
    ),
  )
}

/** The same text, with every import of a door's replaced; on as many lines, for the sake of source maps. */
function openDoors(text, path, known) {
  return text.replace(statement, (whole, verb, type, list, from) => {
    const behind = known.get(resolve(dirname(path), from).replace(/\.js$/, '.ts'))
    if (behind === undefined) return whole
    const statements = (type ? [] : namesIn(list)).map(name => {
      const file = behind.get(name.split(' as ')[0])
      if (file === undefined) throw new Error(`${from} does not export "${name}", which ${path} imports`)
      return `${verb} { ${name} } from './${relative(dirname(path), file)}'`
    })
    return statements.join(';') + '\n'.repeat(whole.split('\n').length - 1)
  })
}

export const directImports = {
  name: 'doors',
  setup(build) {
    const known = new Map()
    build.onStart(async () => {
      for (const door of doors) known.set(door, await readDoor(door))
    })
    build.onLoad({ filter: /\/(cli|builder)\/.*\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined
      return { contents: openDoors(await readFile(path, 'utf8'), path, known), loader: 'ts' }
    })
  },
}
