/** Light, dark, or as the system has it. Kept in this browser. */
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'
const THEMES: readonly Theme[] = ['system', 'light', 'dark']
const PLACE = 'switchboard.theme'
const listeners = new Set<() => void>()
let theme: Theme = kept()

function kept(): Theme {
  try {
    return THEMES.find(it => it === localStorage.getItem(PLACE)) ?? 'system'
  } catch {
    return 'system'
  }
}

/** Called before anything is painted. */
export function applyTheme() {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function setTheme(next: Theme) {
  theme = next
  try {
    localStorage.setItem(PLACE, next)
  } catch {
    // It then lasts as long as the page.
  }
  applyTheme()
  for (const listener of listeners) listener()
}

export const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system')

const DARK = matchMedia('(prefers-color-scheme: dark)')

const follow = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const followBoth = (listener: () => void) => {
  const unfollow = follow(listener)
  DARK.addEventListener('change', listener)
  return () => {
    unfollow()
    DARK.removeEventListener('change', listener)
  }
}

export const useTheme = () => useSyncExternalStore(follow, () => theme)

/** Whether the page is dark now, by choice or by the system: for what takes its colours but once. */
export const useIsDark = () =>
  useSyncExternalStore(followBoth, () => (theme === 'system' ? DARK.matches : theme === 'dark'))
