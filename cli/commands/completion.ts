import { entries } from '../catalogue.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'

/** Commands whose words are packages. */
const packages = [
  'build',
  'run',
  'show',
  'log',
  'info',
  'references',
  'referrers',
  'closure',
  'size',
  'why-depends',
  'graph',
  'export',
]

const names = (): string => entries.map(({ name }) => name).join(' ')

const scripts: Readonly<Record<string, () => string>> = {
  bash: () => `_store() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "${names()}" -- "$word")); return; fi
  case "\${COMP_WORDS[1]}" in
    ${packages.join('|')}) COMPREPLY=($(compgen -W "$(store list 2>/dev/null | sed 's/[@ ].*//')" -- "$word") $(compgen -f -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _store store`,
  zsh: () => `#compdef store
_store() {
  if (( CURRENT == 2 )); then
    local -a commands=(${entries.map(({ name, describe }) => `'${name}:${describe.replaceAll("'", "'\\''")}'`).join(' ')})
    _describe command commands
  else
    case "$words[2]" in
      ${packages.join('|')}) compadd -- \${(f)"$(store list 2>/dev/null | sed 's/[@ ].*//')"}; _files ;;
      *) _files ;;
    esac
  fi
}
compdef _store store`,
  fish: () =>
    [
      ...entries.map(
        ({ name, describe }) => `complete -c store -n __fish_use_subcommand -f -a ${name} -d "${describe}"`,
      ),
      `complete -c store -n '__fish_seen_subcommand_from ${packages.join(' ')}' -a "(store list 2>/dev/null | string replace -r '[@ ].*' '')"`,
    ].join('\n'),
}

export const command = defineCommand({
  usage: 'completion bash|zsh|fish',
  describe: 'Print a script that makes the shell complete commands and packages',
  examples: [['source <(store completion bash)', 'in ~/.bashrc']],
  words: [1, 1],
  async run(_context, args) {
    const script = scripts[args.words[0]!]
    if (!script)
      throw new Usage(`There is no completion for "${args.words[0]}"`, {
        hint: `Known are ${Object.keys(scripts).join(', ')}`,
      })
    return { script: script() }
  },
  print: ({ script }) => [script],
})
