import { fetchTarball, gnu, recipe } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const hello = recipe({
  name: 'hello',
  version: '2.10',
  source: fetchTarball({
    url: ['mirror://gnu/hello/hello-2.10.tar.gz', 'mirror://debian/pool/main/h/hello/hello_2.10.orig.tar.gz'],
    hash: 'sha256:31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b',
  }),
  inputs: { ...toolchain },
  phases: gnu(),
  meta: {
    synopsis: 'The greeting program of GNU',
    description:
      'Prints a friendly greeting, in the language of the user, and serves as an example of a package',
    homepage: 'https://www.gnu.org/software/hello/',
    license: 'GPL-3.0-or-later',
    mainProgram: 'hello',
  },
})
