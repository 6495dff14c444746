import { chmod, link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCode } from '../../store/index.js'
import { BadArchive } from './bad-archive.js'
import { makeConfinement, placeOf } from './confine.js'
import type { ArchiveMember } from './member.js'

/**
 * Unpacks the members of the archive `path` into the directory `target`: files, directories, symlinks and hard links,
 * with their permissions but no setuid or setgid. Anything else, and a member that would leave `target`, is refused.
 */
export async function placeMembers(
  path: string,
  members: AsyncIterable<ArchiveMember>,
  target: string,
): Promise<void> {
  const confinement = makeConfinement()
  const directories = new Map<string, number>()
  for await (const member of members) {
    const { name, type } = member
    if (confinement.leaves(placeOf(member)))
      throw new BadArchive(path, `its member "${name}" would leave the directory it is unpacked in`)
    const place = join(target, name)
    if (name.includes('\ufffd')) throw new BadArchive(path, `the name "${name}" is not UTF-8`)
    const make = Object.hasOwn(makers, type) ? makers[type] : undefined
    if (!make) throw new BadArchive(path, `its member "${name}" is a ${type}`)
    try {
      await mkdir(dirname(place), { recursive: true })
      await make(place, member, target)
    } catch (error) {
      if (!contradictions.has(systemCode(error) ?? '')) throw error
      throw new BadArchive(path, `its member "${name}" contradicts another one`, error)
    }
    // Its owner may go on filling, moving and removing it, as what is unpacked is not yet where it will stay.
    if (type === 'directory') directories.set(place, permissions(member) | 0o700)
  }
  // Last and inside out: a directory that may not be written could not be filled, one not searched not reached.
  const inner = [...directories].sort(([a], [b]) => b.length - a.length)
  for (const [place, mode] of inner) await chmod(place, mode)
}

type Make = (place: string, member: ArchiveMember, target: string) => Promise<void>

/** How the system says that a member's place is taken, or that one it needs is missing or of another type. */
const contradictions: ReadonlySet<string> = new Set(['EEXIST', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])

const makers: Readonly<Record<string, Make>> = {
  directory: async place => void (await mkdir(place, { recursive: true })),
  file: async (place, member) => {
    await writeFile(place, member.body, { flag: 'wx' })
    await chmod(place, permissions(member))
  },
  symlink: (place, member) => symlink(member.target, place),
  link: (place, member, target) => link(join(target, member.target), place),
}

/** Those of an archive made where there are none: a file that may be read, a directory that may be searched. */
const permissions = ({ mode, type }: ArchiveMember): number =>
  (mode ?? (type === 'file' ? 0o644 : 0o755)) & 0o777
