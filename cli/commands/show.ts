import { locateFile } from '../../builder/index.js'
import { formatStorePath } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { lowerPackage } from '../objects.js'

export const command = defineCommand({
  usage: 'show PKG',
  describe: 'Show one package in full',
  examples: [['store show zlib', 'version, outputs, inputs, sources, where its recipe lies']],
  words: [1, 1],
  async run(context, args) {
    const { found, lowered } = await lowerPackage(context, args.words[0]!)
    const { node: _node, exportName: _export, searchPaths: _paths, meta, ...fields } = found.package
    const paths = Object.fromEntries(
      [...lowered.outputs].map(([name, path]) => [name, formatStorePath(path)]),
    )
    const file = locateFile(found.roots, fields.file) ?? fields.file
    const channel = found.channel?.name ?? null
    return { ...fields, ...meta, file, channel, derivation: formatStorePath(lowered.path), paths }
  },
  print: data => [
    `name: ${data.name}`,
    `version: ${data.version}`,
    ...['synopsis', 'description', 'homepage', 'license'].flatMap(field =>
      line(field, data[field as 'synopsis']),
    ),
    `outputs: ${Object.entries(data.paths)
      .map(([name, path]) => `${name} (${path})`)
      .join(', ')}`,
    ...line('inputs', data.inputs.join(' ')),
    ...data.sources.map(url => `source: ${url}`),
    ...data.skipped.map(({ phase, reason }) => `without: ${phase} (${reason})`),
    `derivation: ${data.derivation}`,
    ...(data.channel === null ? [] : [`channel: ${data.channel}`]),
    `recipe: ${data.file}`,
  ],
})

const line = (field: string, value: string | undefined): string[] => (value ? [`${field}: ${value}`] : [])
