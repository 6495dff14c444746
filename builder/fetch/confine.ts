/** How many symlinks a path may pass before we take it for a circle, as the kernel does. */
const maxLinks = 40

/** A member of an archive, as far as its place in the file tree is concerned. */
export interface Placed {
  readonly name: string
  readonly type: 'symlink' | 'link' | 'other'
  /** What a symlink or a hard link says. */
  readonly target?: string | undefined
}

/** The place of a member of any type. */
export const placeOf = (member: {
  readonly name: string
  readonly type?: string | null | undefined
  readonly target: string
}): Placed => {
  const { name, type, target } = member
  return { name, type: type === 'symlink' || type === 'link' ? type : 'other', target }
}

/** Follows the members of an archive in their order and tells which of them would leave the directory it is unpacked in. */
export interface Confinement {
  /** Whether unpacking `member` after those before it touches anything outside. */
  leaves(member: Placed): boolean
}

export function makeConfinement(): Confinement {
  /** Where the symlinks unpacked so far lie, without passing through another one, and what they say. */
  const symlinks = new Map<string, string>()

  /** The place `name` reaches when symlinks on the way are followed (the last one too with `all`). */
  const resolve = (name: string, all: boolean): string | undefined => {
    const ahead = name.split('/').reverse()
    const at: string[] = []
    let links = 0
    if (name.startsWith('/')) return undefined
    while (ahead.length > 0) {
      const part = ahead.pop()!
      if (part === '' || part === '.') continue
      if (part === '..') {
        if (at.pop() === undefined) return undefined
        continue
      }
      const target = symlinks.get([...at, part].join('/'))
      if (target === undefined || (!all && !ahead.some(isReal))) {
        at.push(part)
        continue
      }
      if (target.startsWith('/') || ++links > maxLinks) return undefined
      ahead.push(...target.split('/').reverse())
    }
    return at.join('/')
  }

  return {
    leaves({ name, type, target = '' }) {
      if (climbsOut(name)) return true
      if (type === 'other') return resolve(name, true) === undefined
      const place = resolve(name, false)
      if (place === undefined) return true
      if (type === 'symlink') symlinks.set(place, target)
      else {
        const original = climbsOut(target) ? undefined : resolve(target, false)
        if (original === undefined) return true
        const said = symlinks.get(original)
        if (said !== undefined) symlinks.set(place, said)
      }
      return false
    },
  }
}

const isReal = (part: string): boolean => part !== '' && part !== '.'

/** Whether a name leaves by its own text, whatever it passes: an unpacker may have replaced a symlink on its way. */
function climbsOut(name: string): boolean {
  let depth = 0
  for (const part of name.split('/')) {
    if (part === '..') depth--
    else if (isReal(part)) depth++
    if (depth < 0) return true
  }
  return name.startsWith('/')
}
