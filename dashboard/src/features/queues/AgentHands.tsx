/** A supervisor's hands on an agent: say whether they take calls, or free them from a call. Each asks why. */
import { type FormEvent, useState } from 'react'
import { type Agent, ask } from '../../api/client.ts'
import { live } from '../../live/live.ts'
import { useMay } from '../../live/me.ts'
import { withKey } from '../../ui/act.ts'
import { reason as asWords } from '../../ui/parts.tsx'
import { words } from '../../words.ts'

const PRESENCES = ['available', 'away', 'offline'] as const

export function AgentHands({ agent }: { agent: Agent }) {
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  if (!useMay('supervise')) return null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const submitter = event.nativeEvent instanceof SubmitEvent ? event.nativeEvent.submitter : null
    const chosen = submitter?.getAttribute('value')
    if (!chosen) return
    const presence = PRESENCES.find(it => it === chosen)
    const path = `/api/agents/${encodeURIComponent(agent.id)}/${presence ? 'presence' : 'free'}`
    setProblem(undefined)
    setBusy(true)
    withKey(async () =>
      live.agentChanged(await ask<Agent>(path, { method: 'POST', body: presence ? { presence, reason } : { reason } })),
    )
      .then(isDone => isDone && setReason(''), setProblem)
      .finally(() => setBusy(false))
  }
  return (
    <form className="key-form" onSubmit={submit}>
      <label>
        {words.hands.why}
        {/* Enter would press the first button, and which one is meant has to be said. */}
        <input
          required
          maxLength={255}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          onKeyDown={event => event.key === 'Enter' && event.preventDefault()}
        />
        <small>{words.hands.kept}</small>
      </label>
      <div className="actions" role="group" aria-label={words.queues.setPresence}>
        {PRESENCES.map(presence => (
          <button
            key={presence}
            type="submit"
            value={presence}
            aria-pressed={agent.presence === presence}
            disabled={isBusy}
          >
            {words.queues.presence[presence]}
          </button>
        ))}
      </div>
      {agent.callId && (
        <div className="actions">
          <button type="submit" value="free" disabled={isBusy}>
            {words.hands.free}
          </button>
          <small>{words.hands.freeMeans}</small>
        </div>
      )}
      {problem !== undefined && (
        <p className="wrong" role="alert">
          {words.alerts.failed}: {asWords(problem)}
        </p>
      )}
    </form>
  )
}
