import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../store/index.js'

/** Milliseconds between two looks. */
const INTERVAL = 200

/** Runs `fetch`, which makes git write packs into the bare `repository`, and tells by how many bytes they grow. */
export async function watchPacks<T>(
  repository: string,
  onReceived: (more: number) => void,
  fetch: () => Promise<T>,
): Promise<T> {
  let told = 0
  const tell = (bytes: number): void => {
    if (bytes > told) onReceived(bytes - told)
    told = Math.max(told, bytes)
  }
  const timer = setInterval(() => void sizeOfPacks(repository).then(tell, () => undefined), INTERVAL)
  try {
    return await fetch()
  } finally {
    clearInterval(timer)
    tell(await sizeOfPacks(repository))
  }
}

async function sizeOfPacks(repository: string): Promise<number> {
  const folder = join(repository, 'objects/pack')
  const packs = (await readdir(folder)).filter(name => /^tmp_pack_|\.pack$/.test(name))
  const sizes = await Promise.all(packs.map(name => sizeOf(join(folder, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** A pack that got its name meanwhile is counted at the next look. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    error => {
      if (systemCode(error) === 'ENOENT') return 0
      throw error
    },
  )
