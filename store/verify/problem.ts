/** Something that is not as it must be. */
export interface Problem {
  readonly kind:
    | 'damaged-record'
    | 'missing-reference'
    | 'index'
    | 'missing'
    | 'altered'
    | 'metadata'
    | 'garbage'
    | 'root'
  /** What it is about: a store path, a file, or a root's name. */
  readonly path: string
  readonly detail: string
  readonly remedy: string
}
