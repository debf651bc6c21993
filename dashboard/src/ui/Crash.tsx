/** What is left of the page when something in it broke: words, details to copy, and a way on. */
import { Component, type ReactNode } from 'react'
import { words } from '../words.ts'
import { CopyButton, Message } from './parts.tsx'

interface State {
  readonly error?: Error
}

export class Crash extends Component<{ readonly children: ReactNode }, State> {
  override state: State = {}

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    const details = `${error.message}\n${error.stack ?? ''}`
    return (
      <main>
        <Message title={words.failed.crash}>
          <p>{words.failed.crashHow}</p>
          <p className="actions">
            <button type="button" onClick={() => location.reload()}>
              {words.outdated.reload}
            </button>
            <CopyButton text={() => details} />
          </p>
          <pre>{details}</pre>
        </Message>
      </main>
    )
  }
}
