/** What an action says, for people: pure. */

const KINDS = ['call', 'agent', 'queue', 'alert', 'key'] as const
export type Kind = (typeof KINDS)[number]

/** What kind of thing an action is done to, by its name; nothing for actions that came after this page. */
export const kindOf = (action: string): Kind | undefined =>
  action === 'presence_set' ? 'agent' : KINDS.find(kind => action.startsWith(`${kind}_`))

/** What else is known of it, one by one. A reason stands by itself. */
export function detailOf(detail: unknown): [name: string, value: string][] {
  if (typeof detail !== 'object' || detail === null) return []
  return Object.entries(detail)
    .filter(([name, value]) => name !== 'reason' && value !== null && value !== undefined)
    .map(([name, value]) => [name, asText(value)])
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(', ') || '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
