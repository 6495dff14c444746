#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import type * as Program from './main.js'

/**
 * Loads the program, which lies in one file beside this one, with what V8 made of it when it was built: most of the
 * start of a command would else be reading and compiling modules. Another version of Node compiles it anew.
 * `compiled` gives the code of all that has run so far.
 */
export function load(): { readonly program: typeof Program; compiled(): Buffer } {
  const filename = join(__dirname, 'command.cjs')
  // The bundler writes ASCII.
  const source = `(function (require, module, exports) {${readFileSync(filename, 'latin1')}\n})`
  const script = new Script(source, { filename, cachedData: readCode() })
  const module = { exports: {} as typeof Program }
  script.runInThisContext()(require, module, module.exports)
  return { program: module.exports, compiled: () => script.createCachedData() }
}

/** There is none while the program is being built. */
function readCode(): Buffer | undefined {
  const file = join(__dirname, 'command.code')
  return existsSync(file) ? readFileSync(file) : undefined
}

if (require.main === module) void load().program.main(process.argv.slice(2), __dirname)
