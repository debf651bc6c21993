/**
 * What time it is at the server. Clocks on the screen tick by it, so that a wall with a wrong clock
 * shows the same wait as everybody else.
 */

interface Sample {
  readonly offsetMs: number
  readonly tripMs: number
}

const SAMPLES_MAX = 12
const samples: Sample[] = []
let offsetMs = 0
let isKnown = false

/** Learns from an answer that says when it was made: the shortest trip knows best. */
export function learnTime(asOf: string, askedAt: number, answeredAt: number) {
  const then = Date.parse(asOf)
  if (Number.isNaN(then)) return
  samples.push({ offsetMs: then - (askedAt + answeredAt) / 2, tripMs: answeredAt - askedAt })
  if (SAMPLES_MAX < samples.length) samples.shift()
  offsetMs = samples.reduce((best, each) => (each.tripMs < best.tripMs ? each : best)).offsetMs
  isKnown = true
}

/** Now, at the server, in milliseconds. */
export const serverNow = () => Date.now() + offsetMs

/** Whether the server has told its time yet. */
export const knowsServerTime = () => isKnown
