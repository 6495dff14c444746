import { StoreError } from '../../store/index.js'

export class RecipeExists extends StoreError {
  readonly code = 'RECIPE_EXISTS'

  constructor(file: string) {
    super(`Cannot write "${file}", which is there already`, {
      hint: 'Give another name, or remove the file; nothing was changed',
    })
  }
}
