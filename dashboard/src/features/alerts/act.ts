/** Taking note of alerts, with the name of whoever does. */
import { type Alert, ask } from '../../api/client.ts'
import { live } from '../../live/live.ts'
import { withKey } from '../../ui/act.ts'

/** As many are under way at once. */
const AT_ONCE = 4

/** Notes that somebody saw these, and says after each how many are done. The first refusal ends it. */
export async function acknowledge(alerts: readonly Alert[], onDone: (done: number) => void = () => {}) {
  const [first, ...rest] = alerts
  // The first goes alone: it may have to ask for a key.
  if (!first || !(await acknowledgeOne(first))) return
  let done = 1
  onDone(done)
  let isOver = false
  const takeTurns = async () => {
    for (let next = rest.shift(); next && !isOver; next = rest.shift()) {
      try {
        if (!(await acknowledgeOne(next))) isOver = true
        else onDone(++done)
      } catch (error) {
        isOver = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns))
}

const acknowledgeOne = ({ id }: Alert) =>
  withKey(async ({ name }) =>
    live.acknowledged(
      await ask<Alert>(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, { method: 'POST', body: { by: name } }),
    ),
  )
