/** The key and the name of whoever sits here: asked for once, and kept while the browser's session lasts. */

export interface Person {
  readonly key: string
  readonly name: string
}

const PLACE = 'switchboard.person'
const listeners = new Set<() => void>()
let person: Person | undefined = read()

function read(): Person | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('key' in kept) || typeof kept.key !== 'string') return undefined
    return { key: kept.key, name: 'name' in kept && typeof kept.name === 'string' ? kept.name : '' }
  } catch {
    // What cannot be read, or may not be, is as good as nothing kept.
    return undefined
  }
}

/** Who sits here, if they said so. */
export const whoIsHere = () => person

/** Keeps who sits here; nothing forgets them. */
export function sitDown(next: Person | undefined) {
  person = next
  try {
    if (next) sessionStorage.setItem(PLACE, JSON.stringify(next))
    else sessionStorage.removeItem(PLACE)
  } catch {
    // It is then kept for as long as the page is.
  }
  for (const listener of listeners) listener()
}

/** Calls back whenever somebody else sits here. */
export function onPerson(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
