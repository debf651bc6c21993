/** The one voice of the page: what a screen reader hears, calmly, and never out of a table. */
import { useEffect, useState } from 'react'

const CALM_MS = 400
const listeners = new Set<() => void>()
let text = ''
let isUrgent = false
let timer: ReturnType<typeof setTimeout> | undefined

/** Says something; what is said shortly after another thing replaces it. */
export function announce(next: string, { urgent = false } = {}) {
  text = next
  isUrgent = urgent
  clearTimeout(timer)
  timer = setTimeout(() => {
    for (const listener of listeners) listener()
  }, CALM_MS)
}

export function Announcer() {
  const [said, say] = useState({ text: '', isUrgent: false })
  useEffect(() => {
    const listener = () => {
      // Cleared first, so that the same words are heard again.
      say({ text: '', isUrgent: false })
      setTimeout(() => say({ text, isUrgent }), 50)
    }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [])
  return (
    <>
      <div className="unseen" role="status">
        {said.isUrgent ? '' : said.text}
      </div>
      <div className="unseen" role="alert">
        {said.isUrgent ? said.text : ''}
      </div>
    </>
  )
}
