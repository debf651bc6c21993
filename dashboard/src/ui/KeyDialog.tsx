/** Asks for a key once: to read, where the server wants that, or to change something. */
import { type FormEvent, useEffect, useState } from 'react'
import { sitDown, whoIsHere } from '../api/session.ts'
import { words } from '../words.ts'
import { Dialog } from './parts.tsx'

type Why = 'read' | 'act'

interface Asked {
  readonly why: Why
  readonly wasRefused: boolean
  readonly answer: (given: boolean) => void
}

let open: ((asked: Asked) => void) | undefined

/** Asks; says whether a key was given. */
export const askForKey = (why: Why, wasRefused: boolean) =>
  new Promise<boolean>(answer => {
    if (open) open({ why, wasRefused, answer })
    else answer(false)
  })

/** The dialog's place; there is one on the page. */
export function KeyDialog() {
  const [asked, setAsked] = useState<Asked>()
  useEffect(() => {
    open = setAsked
    return () => {
      open = undefined
    }
  }, [])
  if (!asked) return null
  const done = (given: boolean) => {
    setAsked(undefined)
    asked.answer(given)
  }
  return (
    <Dialog title={words.key.title} onClose={() => done(false)}>
      <KeyForm why={asked.why} wasRefused={asked.wasRefused} onDone={() => done(true)} />
    </Dialog>
  )
}

/** The form itself: also what stands in place of the page where reading needs a key. */
export function KeyForm({ why, wasRefused, onDone }: { why: Why; wasRefused: boolean; onDone?: () => void }) {
  const [key, setKey] = useState('')
  const [name, setName] = useState(whoIsHere()?.name ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    sitDown({ key: key.trim() || (whoIsHere()?.key ?? ''), name: name.trim() })
    onDone?.()
  }
  return (
    <form className="key-form" onSubmit={submit}>
      <p>{words.key.why[why]}</p>
      {wasRefused && (
        <p className="wrong" role="alert">
          {words.key.refused}
        </p>
      )}
      <label>
        {words.key.key}
        <input
          type="password"
          autoComplete="off"
          required
          value={key}
          onChange={({ target }) => setKey(target.value)}
        />
      </label>
      <label>
        {words.key.name}
        <input
          autoComplete="name"
          required={why === 'act'}
          maxLength={100}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <small>{words.key.nameWhy}</small>
      </label>
      <p>
        <small>{words.key.kept}</small>
      </p>
      <p className="actions">
        <button type="submit" className="main">
          {words.key.use}
        </button>
      </p>
    </form>
  )
}
