/** What the one connection knows, for components. */
import { useSyncExternalStore } from 'react'
import { trust } from './connection.ts'
import { live, type Shown } from './live.ts'
import { useNow } from './ticker.ts'

/** A part of what is known; renders again only when that part is another one. */
export const useLive = <T>(pick: (shown: Shown) => T): T => useSyncExternalStore(live.subscribe, () => pick(live.now()))

/** How far what is shown can be trusted, and how old it is. */
export function useTrust() {
  const connection = useLive(shown => shown.connection)
  useNow()
  const now = Date.now()
  const ageMs = connection.trueUntil === undefined ? undefined : Math.max(0, now - connection.trueUntil)
  return { trust: trust(connection, now), ageMs, trueUntil: connection.trueUntil }
}

/** The name of an agent for people; its id where nothing more is known. */
export const useAgentName = (id: string | undefined) =>
  useLive(({ agents }) => (id === undefined ? undefined : (agents.get(id)?.name ?? id)))
