import type { Driver } from '../phases.js'
import { RecipeProblem } from '../problem.js'
import type { Recipe } from '../recipe.js'
import { inputReferences } from '../search.js'
import { lines, sh, type Text, text } from '../text.js'

/** The shell an input of `recipe` gives: the program at `program` in the input called `key`. */
export function shellOf({ name, inputs }: Recipe, key: string, program: string): Text {
  const [reference] = inputReferences(inputs[key])
  if (reference) return sh`${reference}/${text(program)}`
  throw new RecipeProblem(
    `The build of "${name}" needs an input "${key}" that gives ${program}`,
    'Write inputs: { ...toolchain }',
  )
}

/**
 * Runs each phase as a function of one shell, so that a phase may change the directory or set
 * variables for the next, and stops at the first command that fails. `@phase NAME` lines tell the
 * program where the build is.
 */
export const phaseDriver = (shell: Driver['shell'], prelude: Text): Driver => ({
  shell,
  script: phases =>
    lines(
      prelude,
      ...phases.map(({ name, script }) => lines(text(`phase_${name}() {`), script, text('}'))),
      text(`for phase in ${phases.map(({ name }) => name).join(' ')}; do`),
      text('  echo "@phase $phase"'),
      text('  "phase_$phase"'),
      text('done'),
    ),
})
