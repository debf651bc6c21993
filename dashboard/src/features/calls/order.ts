/**
 * Rows keep their place while somebody reads: then what is new waits, and what has gone stays until
 * they are done.
 */
import { useEffect, useMemo, useRef, useState } from 'react'

/** Whoever moved nothing for so long has stopped reading. */
const READS_FOR_MS = 20_000

/** Whether somebody reads: the pointer or the focus is in there, or it was scrolled away from the top. */
export function useReading(scrolled: boolean) {
  const [isOver, setOver] = useState(false)
  const [hasFocus, setFocus] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const moved = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setOver(false), READS_FOR_MS)
    setOver(true)
  }
  const handlers = {
    onPointerMove: moved,
    onPointerLeave: () => setOver(false),
    onFocus: () => setFocus(true),
    onBlur: (event: { currentTarget: Element; relatedTarget: EventTarget | null }) => {
      if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setFocus(false)
    },
  }
  return { isReading: isOver || hasFocus || scrolled, handlers }
}

/**
 * The order to show: the wanted one, or while it is held the one that was. `view` names what is
 * looked at: another view has another order at once.
 */
export function useHeldOrder(wanted: readonly string[], isHeld: boolean, view: string) {
  const [held, hold] = useState<{ view: string; ids: readonly string[] }>()
  const isKept = isHeld && held?.view === view
  useEffect(() => {
    if (!isHeld) hold(undefined)
    else if (!isKept) hold({ view, ids: wanted })
  }, [isHeld, isKept, view, wanted])
  const ids = isKept ? held.ids : wanted
  const fresh = useMemo(() => {
    if (!isKept) return 0
    const shown = new Set(ids)
    return wanted.reduce((count, id) => (shown.has(id) ? count : count + 1), 0)
  }, [isKept, ids, wanted])
  return { ids, fresh, letIn: () => hold({ view, ids: wanted }) }
}
