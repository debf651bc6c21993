/** Taking note of alerts, with the name of whoever does. */
import { type Alert, ask } from '../../api/client.ts'
import { live } from '../../live/live.ts'
import { withKey } from '../../ui/act.ts'

/** Notes that somebody saw these. */
export async function acknowledge(alerts: readonly Alert[]) {
  for (const { id } of alerts) {
    const path = `/api/alerts/${encodeURIComponent(id)}/acknowledge`
    const isDone = await withKey(async ({ name }) =>
      live.acknowledged(await ask<Alert>(path, { method: 'POST', body: { by: name } })),
    )
    if (!isDone) return
  }
}
