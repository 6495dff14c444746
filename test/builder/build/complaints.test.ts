import { expect, test } from 'vitest'
import { complaintOf } from '../../../builder/build/complaints.js'

test.each([
  "src/hello.c:12:5: error: 'foo' undeclared (first use in this function)",
  'hello.c:1:10: fatal error: foo.h: No such file or directory',
  "/store/x-binutils/bin/ld: hello.o: undefined reference to `foo'",
  'ld: cannot find -lfoo: No such file or directory',
  'configure: error: no acceptable C compiler found in $PATH',
  "make: *** No rule to make target 'all'.  Stop.",
  'error[E0308]: mismatched types',
  'FAIL: test-1',
  'FAILED (errors=1)',
  'not ok 3 - adds',
  'Traceback (most recent call last):',
  "ModuleNotFoundError: No module named 'x'",
  'CMake Error at CMakeLists.txt:3 (find_package):',
  "a.out: main.c:5: main: Assertion `0' failed.",
  'Segmentation fault (core dumped)',
  'panic: runtime error',
])('complaintOf %j is a cause', line => {
  expect(complaintOf(line)).toBe('cause')
})

test.each([
  'make[2]: *** [Makefile:10: hello.o] Error 1',
  'make: *** [all] Error 2',
  'ninja: build stopped: subcommand failed.',
  'bash: line 3: foo: command not found',
  'cat: file: No such file or directory',
])('complaintOf %j is a sequel', line => {
  expect(complaintOf(line)).toBe('sequel')
})

test.each([
  '',
  'checking for error_at_line... yes',
  'gcc -c error.c -o error.o',
  'PASS: test-1',
  '# FAIL:  0',
  'hello.c:12:5: warning: unused variable',
  'no errors',
  'ok 3 - fails as it should',
  `error: ${'x'.repeat(2000)}`,
])('complaintOf %j is nothing', line => {
  expect(complaintOf(line)).toBeUndefined()
})
