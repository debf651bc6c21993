/** Taking note of alerts: with the key and the name of whoever does it, asked for when first needed. */
import { type Alert, ask, Refusal } from '../../api/client.ts'
import { whoIsHere } from '../../api/session.ts'
import { live } from '../../live/live.ts'
import { askForKey } from '../../ui/KeyDialog.tsx'

/** Notes that somebody saw these. Returns false where no key was given. */
export async function acknowledge(alerts: readonly Alert[]): Promise<boolean> {
  let refused = false
  for (const { id } of alerts) {
    for (;;) {
      const person = whoIsHere()
      if (!person?.name || refused) {
        if (!(await askForKey('act', refused))) return false
        refused = false
        continue
      }
      try {
        const by = { by: person.name }
        live.acknowledged(
          await ask<Alert>(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, { method: 'POST', body: by }),
        )
        break
      } catch (error) {
        if (!(error instanceof Refusal && error.wantsKey)) throw error
        refused = true
      }
    }
  }
  return true
}
