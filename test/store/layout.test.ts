import { expect, test } from 'vitest'
import { locateStore } from '../../store/index.js'

test.each([
  ['root', {}, 0, '/store', '/var/lib/store'],
  ['root with STORE_ROOT', { STORE_ROOT: '/x' }, 0, '/x/store', '/x/var'],
  ['a user', { HOME: '/home/u' }, 1000, '/home/u/.local/share/store/store', '/home/u/.local/share/store/var'],
  ['XDG_DATA_HOME', { HOME: '/home/u', XDG_DATA_HOME: '/d' }, 1000, '/d/store/store', '/d/store/var'],
  [
    'a relative XDG_DATA_HOME',
    { HOME: '/u', XDG_DATA_HOME: 'd' },
    1,
    '/u/.local/share/store/store',
    '/u/.local/share/store/var',
  ],
  ['a relative STORE_ROOT', { STORE_ROOT: 'x' }, 0, `${process.cwd()}/x/store`, `${process.cwd()}/x/var`],
  ['a user with STORE_ROOT', { HOME: '/home/u', STORE_ROOT: '/x' }, 1000, '/x/store', '/x/var'],
])('locateStore() finds the store of %s', (_whose, env, uid, objects, state) => {
  expect(locateStore(env, uid)).toEqual({ objects, state })
})
