/** What the keyboard does everywhere. Keys typed into a field, or with a modifier, are left alone. */
import { useEffect } from 'react'
import { live } from './live/live.ts'
import { toggleSound } from './ui/sound.ts'
import { nextTheme } from './ui/theme.ts'
import { go, place, withQuery } from './util/url.ts'

const PAGES: Record<string, string> = { c: '/', a: '/alerts', q: '/queues', u: '/audit', w: '/wall' }
const SEQUENCE_WITHIN_MS = 1_000

/** For whoever is concerned: `new` rows shall be shown, or the focus go to the `rows`. */
const tell = (what: 'new' | 'rows') => dispatchEvent(new CustomEvent('switchboard-key', { detail: what }))

export function useKeys(showHelp: () => void) {
  useEffect(() => {
    let goAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      const { target, key } = event
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return
      if (document.querySelector('dialog[open]')) return
      if (target instanceof HTMLElement && target.closest('input, select, textarea')) {
        if (key === 'Escape') target.blur()
        if (key === 'Enter' && target.id === 'search') tell('rows')
        return
      }
      const page = performance.now() < goAt + SEQUENCE_WITHIN_MS ? PAGES[key] : undefined
      goAt = key === 'g' ? performance.now() : Number.NEGATIVE_INFINITY
      if (page) return go(page)
      const act = {
        '/': () => document.getElementById('search')?.focus(),
        '?': showHelp,
        p: () => live.togglePause(),
        n: () => tell('new'),
        r: () => live.refresh(),
        t: nextTheme,
        m: toggleSound,
        j: () => tell('rows'),
        k: () => tell('rows'),
        ArrowDown: target === document.body ? () => tell('rows') : undefined,
        Escape: () => {
          const { path, query } = place()
          if (!path.startsWith('/calls/')) return
          go(withQuery({}, { path: '/', query }))
          requestAnimationFrame(() => tell('rows'))
        },
      }[key]
      if (!act) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [showHelp])
}
