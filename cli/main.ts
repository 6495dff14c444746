#!/usr/bin/env node
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from './run.js'

await main(process.argv.slice(2), dirname(fileURLToPath(import.meta.url)))
