/** Doing what needs a key: with that of whoever sits here, asked for when it is first needed. */
import { Refusal } from '../api/client.ts'
import { type Person, whoIsHere } from '../api/session.ts'
import { askForKey } from './KeyDialog.tsx'

/** Does it, asking for a key until one serves or the person gives up. Says whether it was done. */
export async function withKey(act: (person: Person) => Promise<unknown>): Promise<boolean> {
  let refused = false
  for (;;) {
    const person = whoIsHere()
    if (!person?.name || refused) {
      if (!(await askForKey('act', refused))) return false
      refused = false
      continue
    }
    try {
      await act(person)
      return true
    } catch (error) {
      if (!(error instanceof Refusal && error.wantsKey)) throw error
      refused = true
    }
  }
}
