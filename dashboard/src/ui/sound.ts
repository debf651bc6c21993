/** One short tone for new critical alerts: off until somebody turns it on, and never more than one in ten seconds. */
import { useSyncExternalStore } from 'react'

const EVERY_MS = 10_000
const listeners = new Set<() => void>()
let context: AudioContext | undefined
let isOn = false
let lastAt = Number.NEGATIVE_INFINITY

/** Turning it on is what lets a browser play at all. */
export function toggleSound() {
  isOn = !isOn
  if (isOn) {
    context ??= new AudioContext()
    void context.resume()
    tone()
  }
  for (const listener of listeners) listener()
}

/** Plays, where it is on and was quiet for long enough. */
export function chime() {
  if (!isOn || performance.now() < lastAt + EVERY_MS) return
  lastAt = performance.now()
  tone()
}

function tone() {
  if (!context) return
  const now = context.currentTime
  const volume = context.createGain()
  volume.connect(context.destination)
  volume.gain.setValueAtTime(0.0001, now)
  volume.gain.exponentialRampToValueAtTime(0.15, now + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.45)
  const oscillator = context.createOscillator()
  oscillator.frequency.setValueAtTime(660, now)
  oscillator.frequency.setValueAtTime(880, now + 0.15)
  oscillator.connect(volume)
  oscillator.start(now)
  oscillator.stop(now + 0.5)
}

export const useSound = () =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isOn,
  )
