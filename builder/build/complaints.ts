/** What a line of a log says about a failure: why it came about, or what came of it. */
export type Complaint = 'cause' | 'sequel'

/** Of compilers, linkers, interpreters, configure scripts and test suites. */
const causes: readonly RegExp[] = [
  // file.c:12:5: error: ..., file.go:3: syntax error
  /^[^\s:][^:]*:\d+(?::\d+)?:.*\berror\b/i,
  /^(?:[\w.+/-]+: )?(?:fatal )?error(?:\[\w+\])?: /i,
  /\bundefined reference to\b|\bmultiple definition of\b|\bcannot find -l/,
  /\*\*\* (?:No rule to make target|missing separator)/,
  /^CMake Error\b|^meson\.build:\d+:\d+: ERROR/,
  /^(?:FAIL|FAILED|ERROR|XPASS)\b|^not ok\b|^\s*(?:FAIL|ERROR): /,
  /^Traceback \(most recent call last\)|^(?:[A-Za-z_.]*(?:Error|Exception)|panic|fatal)\b ?: ?/,
  /\b[Aa]ssertion\b.*\bfailed\b/,
  /\b(?:Segmentation fault|Bus error|Illegal instruction|No space left on device|out of memory)\b/,
  /^store: /,
]

const sequels: readonly RegExp[] = [
  /\*\*\* .*(?:\bError \d+|\bStop\.)|^make(?:\[\d+\])?: \*\*\*/,
  /^ninja: build stopped|^FAILED: /,
  /: (?:command )?not found$|: (?:No such file or directory|Permission denied)$/,
]

/** What every line that is one of these has; most lines have none of it. */
const HINT =
  /[Ee]rror|ERROR|FAIL|XPASS|[Ff]ailed|not ok|\*\*\*|undefined ref|multiple def|cannot find|xception|panic|fatal|fault|Illegal|No space|out of memory|^store: |Traceback|stopped|not found|No such|denied/

/** What a line is, or `undefined` for nothing special. */
export function complaintOf(line: string): Complaint | undefined {
  // What is as long as this is data.
  if (line.length > 1000 || !HINT.test(line)) return undefined
  if (causes.some(pattern => pattern.test(line))) return 'cause'
  return sequels.some(pattern => pattern.test(line)) ? 'sequel' : undefined
}
