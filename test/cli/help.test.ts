import { expect, test } from 'vitest'
import { catalogue, entries } from '../../cli/catalogue.js'
import { commandHelp, generalHelp } from '../../cli/help.js'

test('the help of the program is the one in golden/help.txt', async () => {
  await expect(generalHelp()).toMatchFileSnapshot('../golden/help/store.txt')
})

test('the help of build is the one in golden/help', async () => {
  const { command } = await entries.find(({ name }) => name === 'build')!.load()
  await expect(commandHelp(command)).toMatchFileSnapshot('../golden/help/build.txt')
})

test('the help fits a terminal of 100 columns', async () => {
  const pages = await Promise.all(entries.map(async entry => commandHelp((await entry.load()).command)))
  for (const line of [generalHelp(), ...pages].join('\n').split('\n'))
    expect(line.length, line).toBeLessThanOrEqual(100)
})

test.each(entries.map(entry => [entry.name, entry] as const))('%s is explained', async (name, entry) => {
  const { command } = await entry.load()
  expect(command.usage.split(' ')[0]).toBe(name)
  expect(entry.example).toMatch(new RegExp(`^store ${name}\\b`))
  expect(command.examples.length).toBeGreaterThan(0)
  for (const [line] of command.examples) expect(line).toMatch(new RegExp(`\\bstore ${name}\\b`))
  for (const [option, { describe }] of Object.entries(command.options ?? {}))
    expect(describe, `--${option}`).toMatch(/^[A-Z\p{Ll}].+[^.]$/u)
})

test('no command stands in two groups', () => {
  const names = Object.values(catalogue).flatMap(group => group.map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
})
