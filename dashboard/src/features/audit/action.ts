/** What an action says, for people: pure. */

const KINDS = ['call', 'agent', 'queue', 'alert', 'key'] as const
export type Kind = (typeof KINDS)[number]

/** What kind of thing an action is done to, by its name; nothing for actions that came after this page. */
export const kindOf = (action: string): Kind | undefined =>
  action === 'presence_set' ? 'agent' : KINDS.find(kind => action.startsWith(`${kind}_`))

/** How people call queues and agents; an id that nobody knows any more stays as it is. */
export type Names = Record<'queue' | 'agent', (id: string) => string>

/** What else is known of it, one by one, in people's words. A reason stands by itself. */
export function detailOf(detail: unknown, names: Names): [name: string, value: string][] {
  if (typeof detail !== 'object' || detail === null) return []
  return Object.entries(detail)
    .filter(([name, value]) => name !== 'reason' && value !== null && value !== undefined)
    .map(([name, value]) => [name, asText(value, namesIn(name, names))])
}

const asItIs = (id: string) => id

function namesIn(field: string, { queue, agent }: Names): (id: string) => string {
  if (field === 'agentId') return agent
  return field === 'queueId' || field === 'queues' || field === 'priorities' ? queue : asItIs
}

function asText(value: unknown, name: (id: string) => string): string {
  if (typeof value === 'string') return name(value)
  if (Array.isArray(value)) return value.map(item => asText(item, name)).join(', ') || '–'
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([id, item]) => `${name(id)} ${asText(item, asItIs)}`)
  return entries.join(', ') || '–'
}
