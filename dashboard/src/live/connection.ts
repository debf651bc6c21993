/**
 * How far what is on the screen can be trusted: a pure state machine over what happens to the
 * connection. The screen says which of these it is, always.
 */

export type Trust =
  /** Nothing was shown yet. */
  | 'connecting'
  /** What is shown is what is. */
  | 'live'
  /** The connection was lost a moment ago; what is shown is that old. */
  | 'reconnecting'
  /** It has been lost for so long that what is shown may no longer be so. */
  | 'stale'
  /** This machine has no network, or the server has been away for long. */
  | 'offline'
  /** The server wants a key. */
  | 'locked'

export interface Connection {
  /** The socket is there. */
  readonly isConnected: boolean
  /** Everything up to now is in the picture: joined, and fetched or caught up. */
  readonly isWhole: boolean
  /** The machine has a network at all. */
  readonly hasNetwork: boolean
  /** The server refuses us without a key. */
  readonly isLocked: boolean
  /** Until when the picture was known to be true. Before the first time: nothing. */
  readonly trueUntil?: number
  /** Since when we have been without it. */
  readonly lostAt: number
}

export type Happening =
  | { readonly what: 'connected' | 'lost' | 'gap' | 'locked' | 'unlocked' | 'network' | 'no network' }
  /** Joined, and fetched or caught up. */
  | { readonly what: 'whole' }
  /** Anything came from the server, be it a heartbeat. */
  | { readonly what: 'heard' }

export const STALE_AFTER_MS = 15_000
export const OFFLINE_AFTER_MS = 60_000
/** The server asks every 25 s whether we are there. Silence beyond that is not peace. */
export const SILENT_AFTER_MS = 32_000

export const begin = (now: number): Connection => ({
  isConnected: false,
  isWhole: false,
  hasNetwork: true,
  isLocked: false,
  lostAt: now,
})

/** The connection after something happened to it. */
export function after(connection: Connection, { what }: Happening, now: number): Connection {
  switch (what) {
    case 'connected':
      return { ...connection, isConnected: true, isWhole: false, isLocked: false }
    case 'lost':
      return { ...connection, isConnected: false, isWhole: false, ...(connection.isWhole && { lostAt: now }) }
    case 'gap':
      return { ...connection, isWhole: false, ...(connection.isWhole && { lostAt: now }) }
    case 'whole':
      return { ...connection, isWhole: connection.isConnected, ...(connection.isConnected && { trueUntil: now }) }
    case 'heard':
      return connection.isWhole ? { ...connection, trueUntil: now } : connection
    case 'locked':
      return { ...connection, isLocked: true, isConnected: false, isWhole: false }
    case 'unlocked':
      return { ...connection, isLocked: false, lostAt: now }
    case 'network':
      return { ...connection, hasNetwork: true }
    case 'no network':
      return { ...connection, hasNetwork: false }
  }
}

/** How far it can be trusted now. */
export function trust(connection: Connection, now: number): Trust {
  if (connection.isLocked) return 'locked'
  const silentFor = now - (connection.trueUntil ?? now)
  if (connection.isConnected && connection.isWhole && silentFor < SILENT_AFTER_MS) return 'live'
  if (!connection.hasNetwork) return 'offline'
  const lostFor = now - connection.lostAt
  if (connection.isConnected) return connection.trueUntil === undefined ? 'connecting' : late(Math.max(silentFor, 0))
  if (OFFLINE_AFTER_MS <= lostFor) return 'offline'
  if (connection.trueUntil === undefined) return lostFor < STALE_AFTER_MS ? 'connecting' : 'offline'
  return late(lostFor)
}

const late = (forMs: number): Trust => (forMs < STALE_AFTER_MS ? 'reconnecting' : 'stale')
