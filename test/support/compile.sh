# Compiles with the toolchain and runs what came out. `check WHAT GOT WANTED` ends the build when they differ.
mkdir -p "$out/bin" "$out/lib"
check() {
  [ "$2" = "$3" ] && return
  echo "$1: got '$2', wanted '$3'"
  exit 1
}
runpath() { readelf -d "$1" | sed -n 's/.*(RUNPATH).*\[\(.*\)\]/\1/p'; }

cat > locale.c <<'end'
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) { wchar_t w[9]; setlocale(LC_ALL, ""); printf("%s %zd\n", nl_langinfo(CODESET), mbstowcs(w, "h\xc3\xa9", 9)); }
end
gcc locale.c -o locale
check 'locale' "$(./locale)" 'UTF-8 2'
check 'RUNPATH of C' "$(runpath locale)" "$glibc/lib"
for kind in -static -static-pie; do
  gcc "$kind" locale.c -o static
  check "locale, $kind" "$(./static)" 'UTF-8 2'
done

cat > cancel.c <<'end'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *wait(void *unused) { for (;;) pause(); return unused; }
int main(void) { pthread_t t; void *end; pthread_create(&t, 0, wait, 0); pthread_cancel(t); pthread_join(t, &end); puts(end == PTHREAD_CANCELED ? "cancelled" : "ended"); }
end
gcc -pthread cancel.c -o cancel
check 'cancelled thread' "$(./cancel)" cancelled

cat > throw.cc <<'end'
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
int main() { try { throw std::runtime_error("caught"); } catch (std::exception &e) { std::cout << e.what() << std::sqrt(4.0) << std::endl; } }
end
for options in -O0 -static '-O2 -flto'; do
  g++ $options throw.cc -o throw
  check "C++, $options" "$(./throw)" caught2
done
check 'RUNPATH of C++' "$(runpath throw)" "$gccLibs/lib:$glibc/lib"

cat > sum.c <<'end'
#include <stdio.h>
int main(void) { int sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (int i = 0; i < 100; i++) sum += i;
  printf("%d\n", sum); }
end
gcc -fopenmp sum.c -o sum
check 'OpenMP' "$(./sum)" 4950

echo 'int seven(void) { return 7; }' > seven.c
echo 'int seven(void); int main(void) { return seven(); }' > main.c
gcc -shared -fPIC -Wl,-soname,libseven.so.1 seven.c -o "$out/lib/libseven.so.1"
ln -s libseven.so.1 "$out/lib/libseven.so"
seven() { local status=0; "$1" || status=$?; check "$1" "$status" 7; }
for linker in bfd gold; do
  gcc -fuse-ld=$linker main.c -L"$out/lib" -lseven -lz -lm -o "$out/bin/$linker"
  seven "$out/bin/$linker"
  check "RUNPATH without unneeded libraries, $linker" "$(runpath "$out/bin/$linker")" "$out/lib:$glibc/lib"
done
gcc main.c "$out/lib/libseven.so" -o by-path
seven ./by-path
echo "main.c -L$out/lib -lseven -o by-file" > arguments
gcc @arguments
seven ./by-file

echo '#include <zlib.h>
int main(void) { return zlibVersion()[0] - 48; }' > version.c
gcc version.c -lz -o "$out/bin/version"
status=0; "$out/bin/version" || status=$?
check 'library among the inputs' "$status" 1
check 'its RUNPATH' "$(runpath "$out/bin/version")" "$zlib/lib:$glibc/lib"

gcc -E -v -x c++ /dev/null 2>&1 | sed -n '/search starts here/,/^End/{/^ /p}' | while read -r folder; do
  case "$folder" in /store/*) ;; *) check 'folder of headers' "$folder" 'in the store' ;; esac
done
