import { readFile } from 'node:fs/promises'
import { describe, expect, inject, test } from 'vitest'
import { buildScript } from '../support/recipes.js'
import { storeOf, users } from '../support/users.js'
import { readLookAround, withoutVersions } from '../support/world.js'

describe.each(users)('a build of $name', user => {
  test('sees the declared world, as its own root and unprivileged', async () => {
    await using store = await storeOf(user, inject('seeded'))
    const script = await readLookAround()
    for (const inside of ['root', 'unprivileged']) {
      const { output, stderr } = await buildScript(store, script, { fields: `user: '${inside}',` })
      expect(output, stderr).toContain('/store/')
      const seen = withoutVersions(await readFile(output, 'utf8'))
      await expect(seen).toMatchFileSnapshot(`../golden/world/${inside}.txt`)
    }
  })
})
