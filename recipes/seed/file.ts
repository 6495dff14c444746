import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** The program that tells types of files, with its database. */
export const file = relocated({
  name: 'file',
  debs: ['file', 'libmagic1', 'libmagic-mgc'],
  inputs: { bash, glibc, libraries },
  finish: sh`mkdir -p "$out/libexec"
mv "$out/bin/file" "$out/libexec/file"
cat > "$out/bin/file" <<end
#!${bash}/bin/bash
export MAGIC="\${MAGIC:-$out/lib/file/magic.mgc}"
exec -a file $out/libexec/file "\$@"
end
chmod +x "$out/bin/file"`,
  meta: {
    synopsis: 'Recognition of the types of files',
    homepage: 'https://www.darwinsys.com/file/',
    license: 'BSD-2-Clause',
  },
})
