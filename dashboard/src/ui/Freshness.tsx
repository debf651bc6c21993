/** How fresh what is shown is: always in sight, with the age of the data and the measured delay. */
import { useEffect, useRef } from 'react'
import { live } from '../live/live.ts'
import { useLive, useTrust } from '../live/useLive.ts'
import { span, timeOfDay } from '../util/time.ts'
import { words } from '../words.ts'
import { announce } from './Announcer.tsx'

export function Freshness() {
  const { trust, ageMs, trueUntil } = useTrust()
  const delays = useLive(shown => shown.delays)
  const before = useRef(trust)
  useEffect(() => {
    if (before.current === trust) return
    if (before.current !== 'connecting') announce(words.freshness.announced(words.trust[trust]))
    before.current = trust
  }, [trust])
  const says =
    trust === 'live'
      ? delays
        ? words.freshness.live(span(delays.medianMs))
        : words.freshness.liveQuiet
      : trueUntil === undefined || trust === 'locked'
        ? words.trust[trust]
        : words.freshness.as(words.trust[trust], timeOfDay(trueUntil))
  const lines = [
    words.freshness.explain[trust],
    trueUntil === undefined || ageMs === undefined
      ? words.freshness.never
      : words.freshness.lastHeard(timeOfDay(trueUntil), span(ageMs)),
    ...(delays ? [words.freshness.measured(span(delays.medianMs), span(delays.p99Ms), delays.count)] : []),
    words.freshness.refresh,
  ]
  return (
    <button
      type="button"
      className={`freshness freshness-${trust}`}
      data-trust={trust}
      title={lines.join('\n')}
      onClick={() => live.refresh()}
    >
      <span className="dot" aria-hidden="true" />
      {says}
    </button>
  )
}
