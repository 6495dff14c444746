import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** A script that writes down all that a build can see of its world and that is the same on every machine. */
export const readLookAround = (): Promise<string> => read('world.sh')

/** The script whose build tries to get out of its world, or to change it, and writes down which attempts succeed. */
export const readAttempts = (): Promise<string> => read('attempts.sh')

const read = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(name, import.meta.url)), 'utf8')

/** Names of store objects without what a newer seed changes: their hashes and versions. */
export const withoutVersions = (text: string): string =>
  text.replace(
    /(?:[0-9a-df-np-sv-z]{32}-|^|(?<=^\/store\/))(it|[a-z]+(?:-[a-z]+)*)-[0-9][0-9A-Za-z.+~-]*/gm,
    '$1',
  )
