/** Small parts of every screen: a message in place of content, a refusal with a retry, copying, moments. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Refusal } from '../api/client.ts'
import { copy } from '../util/copy.ts'
import { timeOfDay, utc } from '../util/time.ts'
import { words } from '../words.ts'
import { Icon } from './Icon.tsx'

/** What stands where content would be. */
export const Message = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="message">
    <h2>{title}</h2>
    {children}
  </div>
)

/** Why something is not there, in words, and a way to try again. */
export function Failed({
  error,
  retry,
  title = words.failed.title,
}: {
  error: unknown
  retry?: () => void
  title?: string
}) {
  return (
    <div className="message" role="group" aria-label={title}>
      <h2>
        <Icon name="warning" /> {title}
      </h2>
      <p>{reason(error)}</p>
      {retry && (
        <button type="button" onClick={retry}>
          {words.retry}
        </button>
      )}
    </div>
  )
}

/** A refusal as a sentence. */
export function reason(error: unknown) {
  if (!(error instanceof Refusal)) return String(error)
  return error.status === 0 ? words.failed.unreachable : words.failed.status(error.status, error.message)
}

/** A moment in the viewer's zone; UTC on hover. */
export const Moment = ({ at }: { at: string }) => (
  <time dateTime={at} title={utc(at)}>
    {timeOfDay(at)}
  </time>
)

/** Copies a text, and says so. */
export function CopyButton({ text, label = words.copy }: { text: () => string; label?: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [isCopied])
  const take = () =>
    copy(text()).then(
      () => setCopied(true),
      () => {},
    )
  return (
    <button type="button" className="quiet" onClick={take}>
      {isCopied ? words.copied : label}
    </button>
  )
}

/** A dialog over everything else; Esc closes it and focus goes back where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <header>
        <h2>{title}</h2>
        <button type="button" className="quiet" aria-label={words.close} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}
