import { test } from 'vitest'
import { expectTracerNeeded, irreproducible, twoHosts } from '../support/irreproducible.js'

const hosts = twoHosts()

/** Those that build in seconds from what the seeded store has. All of them are tried in the soak. */
const small = ['apache-sessionx', 'linuxlogo', 'lsof']

test.each(irreproducible.filter(({ name }) => small.includes(name)))(
  '$name is the same on hosts that differ under the tracer, and otherwise not',
  it => expectTracerNeeded(it, hosts),
)
