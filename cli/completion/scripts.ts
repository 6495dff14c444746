import type { Completed, CompletedOption } from './commands.js'

/** Prints the names of all packages, one a line. */
const PACKAGES = "store list 2>/dev/null | sed 's/[@ ].*//'"

/** A word that the shell takes literally. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const dashed = ({ name, alias }: CompletedOption): readonly string[] => [
  `--${name}`,
  ...(alias === undefined ? [] : [`-${alias}`]),
]

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, tasks, takesPackages, options }) => {
    const valued = options.filter(({ takesValue }) => takesValue).flatMap(dashed)
    return `    ${name}) options=${quote(options.flatMap(dashed).join(' '))} tasks=${quote(tasks.join(' '))} valued=${quote(` ${valued.join(' ')} `)} packages=${takesPackages ? 'yes' : ''} ;;`
  })
  return `_store() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" options tasks valued packages
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W ${quote([...commands.map(({ name }) => name), '--help', '--version'].join(' '))} -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) return ;;
  esac
  case "$valued" in *" $before "*) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
  case "$word" in -*) COMPREPLY=($(compgen -W "$options" -- "$word")); return ;; esac
  if [ -n "$tasks" ] && [ "$COMP_CWORD" = 2 ]; then COMPREPLY=($(compgen -W "$tasks" -- "$word")); return; fi
  [ -z "$packages" ] || COMPREPLY=($(compgen -W "$(${PACKAGES})" -- "$word"))
  COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _store store`
}

function zsh(commands: readonly Completed[]): string {
  const described = (name: string, text: string): string => quote(`${name.replaceAll(':', '\\:')}:${text}`)
  const names = commands.map(({ name, describe }) => described(name, describe))
  const cases = commands.map(({ name, tasks, takesPackages, options }) => {
    const all = options.flatMap(option => dashed(option).map(word => described(word, option.describe)))
    const valued = options.filter(({ takesValue }) => takesValue).flatMap(dashed)
    return `    ${name}) options=(${all.join(' ')}) tasks=(${tasks.join(' ')}) valued=(${valued.join(' ')}) packages=${takesPackages ? 'yes' : ''} ;;`
  })
  return `#compdef store
_store() {
  local -a names options tasks valued
  local packages
  if (( CURRENT == 2 )); then
    names=(${names.join(' ')})
    _describe command names
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
    *) return ;;
  esac
  if (( $valued[(Ie)$words[CURRENT-1]] )); then _files; return; fi
  if [[ "$words[CURRENT]" = -* ]]; then _describe option options; return; fi
  if (( $#tasks && CURRENT == 3 )); then compadd -- $tasks; return; fi
  [[ -z "$packages" ]] || compadd -- \${(f)"$(${PACKAGES})"}
  _files
}
compdef _store store`
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, describe, tasks, takesPackages, options }) => {
    const here = `-n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c store -n __fish_use_subcommand -f -a ${name} -d ${quote(describe)}`,
      ...tasks.map(task => `complete -c store ${here} -a ${task}`),
      ...(takesPackages ? [`complete -c store ${here} -a '(__store_packages)'`] : []),
      ...options.map(
        ({ name, alias, describe, takesValue }) =>
          `complete -c store ${here} -l ${name}${alias ? ` -s ${alias}` : ''}${takesValue ? ' -r' : ''} -d ${quote(describe)}`,
      ),
    ]
  })
  return [
    "function __store_packages; store list 2>/dev/null | string replace -r '[@ ].*' ''; end",
    ...lines,
  ].join('\n')
}

/** For each shell, the script that completes these commands. */
export const scripts: Readonly<Record<string, (commands: readonly Completed[]) => string>> = {
  bash,
  zsh,
  fish,
}
