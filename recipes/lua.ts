import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { readline } from './readline.js'
import { toolchain } from './toolchain.js'

export const lua = recipe({
  name: 'lua',
  version: '5.4.4',
  source: fetchTarball({
    url: [
      'https://www.lua.org/ftp/lua-5.4.4.tar.gz',
      'mirror://debian/pool/main/l/lua5.4/lua5.4_5.4.4.orig.tar.gz',
    ],
    hash: 'sha256:164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61',
  }),
  inputs: { ...toolchain, readline },
  outputs: ['out', 'dev'],
  phases: gnu({
    makeFlags: ['MYCFLAGS=-fPIC', 'AR=ar rc', sh`INSTALL_TOP="$out"`, sh`INSTALL_MAN="$out/share/man/man1"`],
    buildTargets: ['linux-readline'],
    checkTargets: ['test'],
  })
    .replace('configure', () => sh`sed -i "s|\"/usr/local/\"|\"$out/\"|" src/luaconf.h`)
    .after('install', {
      name: 'install-library',
      script: () => sh`gcc -shared -Wl,-soname,liblua.so.5.4 -o "$out/lib/liblua.so.5.4.4" \
  -Wl,--whole-archive src/liblua.a -Wl,--no-whole-archive -lm
ln -s liblua.so.5.4.4 "$out/lib/liblua.so.5.4"
ln -s liblua.so.5.4 "$out/lib/liblua.so"
mkdir -p "$out/lib/pkgconfig"
cat > "$out/lib/pkgconfig/lua.pc" <<end
prefix=$out
libdir=$out/lib
includedir=$dev/include

Name: Lua
Description: The language Lua
Version: 5.4.4
Libs: -L$out/lib -llua -lm
Cflags: -I$dev/include
end`,
    }),
  meta: {
    synopsis: 'The language Lua',
    homepage: 'https://www.lua.org/',
    license: 'MIT',
    mainProgram: 'lua',
  },
})
