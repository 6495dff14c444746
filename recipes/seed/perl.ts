import { sh } from 'store/recipe'
import { bash } from './bash.js'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** Perl with the modules of its own distribution. */
export const perl = relocated({
  name: 'perl',
  debs: ['perl', 'perl-base', 'perl-modules-5.36', 'libperl5.36', 'libdb5.3', 'libgdbm6', 'libgdbm-compat4'],
  inputs: { bash, glibc, libraries },
  // A second name of one file would be relocated twice; the rest reports to Debian or serves cross compilers.
  without: [
    'bin/perl5.36.0',
    'bin/*-x86_64-linux-gnu',
    'bin/perlbug',
    'bin/perlthanks',
    'lib/perl/cross-config-*',
    'lib/perl/debian-config-data-*',
  ],
  // The folders of modules are compiled in. The machine's own are hidden by names as long; ours come by variable,
  // after those that the caller chose.
  finish: sh`mkdir -p "$out/libexec"
mv "$out/bin/perl" "$out/libexec/perl"
for file in "$out/libexec/perl" "$out"/lib/libperl.so.5.36.0; do
  sed -i -E 's,^/(usr|etc)/(.*perl.*)$,/no-/\2,' "$file"
done
cat > "$out/bin/perl" <<end
#!${bash}/bin/bash
own=$out/lib/perl/5.36:$out/share/perl/5.36:$out/lib/perl-base
case ":\$PERL5LIB:" in
  *":\$own:"*) ;;
  ::) export PERL5LIB="\$own" ;;
  *) export PERL5LIB="\$PERL5LIB:\$own" ;;
esac
exec -a perl $out/libexec/perl "\$@"
end
chmod +x "$out/bin/perl"`,
  meta: {
    synopsis: 'The language Perl',
    homepage: 'https://www.perl.org/',
    license: 'GPL-1.0-or-later OR Artistic-1.0-Perl',
  },
})
