/** A supervisor's hands on a call: send a caller who waits elsewhere, or end what hangs. Each asks why. */
import { type FormEvent, useState } from 'react'
import { ask, type Call, type Queue } from '../../api/client.ts'
import { live } from '../../live/live.ts'
import { useMay } from '../../live/me.ts'
import { useLive } from '../../live/useLive.ts'
import { withKey } from '../../ui/act.ts'
import { reason as asWords, Dialog } from '../../ui/parts.tsx'
import { words } from '../../words.ts'

type What = 'reassign' | 'end'

export function Hands({ call, queues }: { call: Call; queues: ReadonlyMap<string, Queue> }) {
  const [what, choose] = useState<What>()
  if (!useMay('supervise') || call.status === 'ended') return null
  return (
    <p className="actions hands">
      {call.status === 'waiting' && (
        <button type="button" onClick={() => choose('reassign')}>
          {words.hands.reassign}
        </button>
      )}
      <button type="button" onClick={() => choose('end')}>
        {words.hands.end}
      </button>
      {what && <HandsDialog what={what} call={call} queues={queues} onClose={() => choose(undefined)} />}
    </p>
  )
}

interface Props {
  readonly what: What
  readonly call: Call
  readonly queues: ReadonlyMap<string, Queue>
  readonly onClose: () => void
}

function HandsDialog({ what, call, queues, onClose }: Props) {
  const agents = useLive(shown => shown.agents)
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<unknown>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setProblem(undefined)
    const [kind, id] = [to.slice(0, 1), to.slice(2)]
    const target = what === 'end' ? {} : kind === 'a' ? { agentId: id } : { queueId: id }
    const path = `/api/calls/${encodeURIComponent(call.id)}/${what}`
    withKey(async () => live.learned([await ask<Call>(path, { method: 'POST', body: { ...target, reason } })])).then(
      isDone => isDone && onClose(),
      setProblem,
    )
  }
  return (
    <Dialog title={words.hands.title[what]} onClose={onClose}>
      <form className="key-form" onSubmit={submit}>
        <p>{words.hands.means[what]}</p>
        {what === 'reassign' && (
          <label>
            {words.hands.to}
            <select required value={to} onChange={({ target }) => setTo(target.value)}>
              <option value="">{words.hands.choose}</option>
              <optgroup label={words.queues.agents}>
                {[...agents.values()]
                  // Whoever was chosen stays in the list: what has become of them, the server says.
                  .filter(
                    ({ id, presence, state }) => (presence === 'available' && state === 'idle') || to === `a:${id}`,
                  )
                  .map(({ id, name }) => (
                    <option key={id} value={`a:${id}`}>
                      {name}
                    </option>
                  ))}
              </optgroup>
              <optgroup label={words.queues.title}>
                {[...queues.values()]
                  .filter(({ id }) => id !== call.queueId)
                  .map(({ id, name }) => (
                    <option key={id} value={`q:${id}`}>
                      {name}
                    </option>
                  ))}
              </optgroup>
            </select>
          </label>
        )}
        <label>
          {words.hands.why}
          <input required maxLength={200} value={reason} onChange={({ target }) => setReason(target.value)} />
          <small>{words.hands.kept}</small>
        </label>
        {problem !== undefined && (
          <p className="wrong" role="alert">
            {words.alerts.failed}: {asWords(problem)}
          </p>
        )}
        <p className="actions">
          <button type="submit" className="main">
            {words.hands.go[what]}
          </button>
        </p>
      </form>
    </Dialog>
  )
}
