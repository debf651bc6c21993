/** One tick a second for everything that shows a clock; none while nobody looks. */
import { useSyncExternalStore } from 'react'
import { serverNow } from './serverTime.ts'

const listeners = new Set<() => void>()
let second = Math.floor(serverNow() / 1000)
let timer: ReturnType<typeof setTimeout> | undefined

function tick() {
  timer = undefined
  const now = Math.floor(serverNow() / 1000)
  // A corrected clock may step back; a clock on the screen does not.
  if (second < now || now < second - 5) {
    second = now
    for (const listener of listeners) listener()
  }
  arm()
}

function arm() {
  if (timer !== undefined || listeners.size === 0 || document.hidden) return
  timer = setTimeout(tick, 1000 - (serverNow() % 1000) + 5)
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) tick()
})

function listen(listener: () => void) {
  listeners.add(listener)
  arm()
  return () => {
    listeners.delete(listener)
  }
}

/** The server's time in whole seconds, as milliseconds; renders again each second. */
export const useNow = () => useSyncExternalStore(listen, () => second) * 1000
