/** Promises that are about to be broken, as the server warns of them: gone once the call has moved on. */
import type { Warning } from '../api/socket.ts'
import type { Picture } from './picture.ts'

/** The last warning of each call. */
export type Warnings = ReadonlyMap<string, Warning>

export const NO_WARNINGS: Warnings = new Map()

/** The warnings after this one. */
export const warned = (warnings: Warnings, warning: Warning): Warnings => new Map(warnings).set(warning.callId, warning)

/** Those that still hold: their call is as it was when it was warned of. The same ones where all do. */
export function stillTrue(warnings: Warnings, { calls }: Picture): Warnings {
  if (warnings.size === 0) return warnings
  const kept = [...warnings].filter(([id, { version }]) => calls.get(id)?.version === version)
  return kept.length === warnings.size ? warnings : new Map(kept)
}
