/** Where we are: path and query. All state of a view lives here, so that a link says everything. */
import { type MouseEvent, useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let here = read()

export interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

function changed() {
  here = read()
  for (const listener of listeners) listener()
}

addEventListener('popstate', changed)

function listen(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

export const usePlace = () => useSyncExternalStore(listen, () => here)

/** Where we are, for what is not a component. */
export const place = () => here

/** Goes somewhere; `replace` leaves no step to go back to. */
export function go(to: string, { replace = false } = {}) {
  if (to === location.pathname + location.search) return
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  changed()
}

/** The same place with other values in its query; nothing takes a value out. */
export function withQuery(changes: Readonly<Record<string, string | undefined>>, { path, query }: Place = here) {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value)
    else next.delete(name)
  }
  const text = next.toString()
  return text ? `${path}?${text}` : path
}

/** What makes an ordinary link go there without loading the page again. */
export function link(to: string) {
  return {
    href: to,
    onClick(event: MouseEvent) {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      go(to)
    },
  }
}
