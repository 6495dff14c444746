import { mkdir, realpath, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeKeeper, takeLock, writing } from '../../store/index.js'
import { type ChannelConfig, formatChannels, readChannels } from './config.js'

/**
 * Changes the channels of `file`, as they are at that moment: commands that change them wait for each other, by locks of
 * the program `keeper`. The file is replaced at one instant, and where it is a symlink that to which it leads.
 */
export async function changeChannels(
  file: string,
  keeper: string,
  change: (known: readonly ChannelConfig[]) => readonly ChannelConfig[],
): Promise<void> {
  const place = await realpath(file).catch(() => file)
  await writing(dirname(place), async () => {
    await mkdir(dirname(place), { recursive: true })
    await using locks = makeKeeper(keeper)
    await using _lock = await takeLock(locks, `${place}.lock`)
    const fresh = `${place}.${process.pid}`
    await writeFile(fresh, formatChannels(change(await readChannels(place))))
    await rename(fresh, place)
  })
}
