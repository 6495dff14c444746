import { StoreError } from '../../store/index.js'

/** A place in a recipe file; lines and columns count from 1. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

export const formatLocation = ({ file, line, column }: Location): string => `${file}:${line}:${column}`

export class BadRecipe extends StoreError {
  readonly code = 'BAD_RECIPE'

  readonly location: Location | undefined

  constructor(
    location: Location | undefined,
    sentence: string,
    hint = 'Correct the recipe, and look for more mistakes with: store lint',
  ) {
    super(location ? `${formatLocation(location)}: ${sentence}` : sentence, { hint })
    this.location = location
  }
}

export class InputCycle extends StoreError {
  readonly code = 'INPUT_CYCLE'

  constructor(files: readonly string[]) {
    super(`These recipes need each other: ${files.join(' -> ')}`, {
      hint: 'Build one of them without the other, as a second recipe with fewer inputs',
    })
  }
}

export class UnknownPackage extends StoreError {
  readonly code = 'UNKNOWN_PACKAGE'

  constructor(
    text: string,
    suggestions: readonly string[],
    otherwise = 'List the packages with: store list',
  ) {
    super(`There is no package "${text}"`, {
      hint: suggestions.length > 0 ? `Did you mean ${suggestions.join(' or ')}?` : otherwise,
    })
  }
}

export class UnknownOutput extends StoreError {
  readonly code = 'UNKNOWN_OUTPUT'

  constructor(name: string, output: string, known: readonly string[]) {
    super(`The package "${name}" has no output "${output}"`, { hint: `Its outputs are: ${known.join(', ')}` })
  }
}

export class BadPackageName extends StoreError {
  readonly code = 'BAD_PACKAGE_NAME'

  constructor(
    text: string,
    reason: string,
    hint = 'Write hello, hello@2.10, hello:dev, ./my.ts, ./my.ts:name or ./my.ts:name:dev',
  ) {
    super(`Cannot read "${text}" as a package: ${reason}`, { hint })
  }
}
