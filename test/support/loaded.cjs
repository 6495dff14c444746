// Writes what a command loaded, when it ends: the packages that are not bundled, and modules of Node's own.
const { writeFileSync } = require('node:fs')

process.on('exit', () => {
  const packages = Object.keys(require.cache).flatMap(
    file => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  )
  const builtins = process.moduleLoadList.flatMap(text => /^NativeModule ([a-z_]+)$/.exec(text)?.[1] ?? [])
  writeFileSync(process.env.STORE_LOADED, JSON.stringify({ packages: [...new Set(packages)], builtins }))
})
