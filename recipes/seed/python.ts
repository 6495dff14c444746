import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** Modules whose libraries are not among the pins. */
const unavailable = ['_curses', '_curses_panel', '_dbm', '_sqlite3', '_uuid', 'nis']

/** Python with its standard library, which it finds beside itself. */
export const python = relocated({
  name: 'python',
  debs: [
    'python3.11-minimal',
    'libpython3.11-minimal',
    'libpython3.11-stdlib',
    'libexpat1',
    'libffi8',
    'libssl3',
  ],
  inputs: { bash, glibc, libraries },
  without: [
    'lib/binfmt.d',
    'share/binfmts',
    'lib/python3.11/sitecustomize.py',
    ...unavailable.map(name => `lib/python3.11/lib-dynload/${name}.*`),
  ],
  links: { 'bin/python3': 'python3.11', 'bin/python': 'python3.11' },
  finish: sh`# Debian's packages of the machine are none of ours.
sed -i -e 's,"/usr/,"/no-/,' -e "s,'/usr/,'/no-/," "$out/lib/python3.11/site.py"`,
  meta: {
    synopsis: 'The language Python',
    homepage: 'https://www.python.org/',
    license: 'PSF-2.0',
  },
})
