import type { Phase } from '../../phases.js'
import type { Recipe } from '../../recipe.js'
import { sh, type Text, text } from '../../text.js'
import type { GnuOptions } from './options.js'

const parallel = (enabled: boolean): Text => text(enabled ? ' -j"$STORE_CORES"' : '')

/** Where configure puts what belongs in `dev`. */
const folders = ({ outputs }: Recipe): Text =>
  text(outputs.includes('dev') ? ' --includedir="$dev/include"' : '')

/** Runs the package's own configure script and points it at the output. */
export const configure: Phase<GnuOptions> = {
  name: 'configure',
  script: ({ configureFlags }, recipe) => sh`if ! [ -x ./configure ]; then
  echo "There is no ./configure; leave the phase out with .without('configure', 'the reason')"
  exit 1
fi
own_flags=() # Every file is compiled once: nobody reads what depends on what.
if grep -qF enable-dependency-tracking configure; then own_flags+=(--disable-dependency-tracking); fi
./configure --prefix="$out" "\${own_flags[@]}"${folders(recipe)} ${configureFlags}`,
}

export const build: Phase<GnuOptions> = {
  name: 'build',
  script: ({ makeFlags, buildTargets, parallelBuild }) =>
    sh`make${parallel(parallelBuild)} SHELL="$SHELL" ${makeFlags} ${buildTargets}`,
}

/** Runs the package's own tests. Automake's keep what they said in files, which are gone after the build. */
export const check: Phase<GnuOptions> = {
  name: 'check',
  script: ({ makeFlags, checkTargets, parallelTests }) =>
    sh`make${parallel(parallelTests)} SHELL="$SHELL" ${makeFlags} ${checkTargets} || {
  status=$?
  find . -name test-suite.log -exec cat {} +
  exit $status
}`,
}

export const install: Phase<GnuOptions> = {
  name: 'install',
  script: ({ makeFlags, installTargets }) => sh`make SHELL="$SHELL" ${makeFlags} ${installTargets}`,
}
