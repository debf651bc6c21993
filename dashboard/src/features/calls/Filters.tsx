/** The counts of the server, each a filter; and what else narrows the table. All of it is in the address. */
import { useMemo } from 'react'
import type { Queue } from '../../api/client.ts'
import type { Counts } from '../../live/fetching.ts'
import { live } from '../../live/live.ts'
import type { Picture } from '../../live/picture.ts'
import { useLive } from '../../live/useLive.ts'
import { Icon } from '../../ui/Icon.tsx'
import { PHASES, type Phase } from '../../ui/phases.tsx'
import { timeOfDay } from '../../util/time.ts'
import { go, link, usePlace, withQuery } from '../../util/url.ts'
import { words } from '../../words.ts'
import { isFiltered, type View } from './view.ts'

const FLAGS = ['sla_breached', 'wait_exceeded', 'hold_exceeded', 'short_call', 'clock_ahead']

interface Chips {
  readonly counts: Counts | undefined
  readonly view: View
  readonly isFailed: boolean
  /** What a search among all ended calls has found by now; the counts are of the newest only. */
  readonly found: { readonly count: number; readonly hasMore: boolean } | undefined
}

export function StatusChips({ counts, view, isFailed, found }: Chips) {
  const place = usePlace()
  const count = (phase: Phase | 'open') => {
    if (!counts) return undefined
    const { waiting, ringing, active, onHold } = counts
    const ended = Math.max(counts.ended, found?.count ?? 0)
    return { open: waiting + active + onHold, waiting: waiting - ringing, ringing, active, on_hold: onHold, ended }[
      phase
    ]
  }
  return (
    <nav className="chips" aria-label={words.calls.byStatus}>
      {(['open', ...PHASES] as const).map(phase => {
        const many = count(phase)
        const isMost = phase === 'ended' && counts && (found?.hasMore ?? counts.endedMax <= counts.ended)
        return (
          <a
            key={phase}
            {...link(withQuery({ status: phase === 'open' ? undefined : phase }, { ...place, path: '/' }))}
            className={`chip chip-${phase}`}
            aria-current={view.phase === phase ? 'page' : undefined}
            title={phase === 'ended' && counts && !found ? words.calls.endedWithin(counts.endedMax) : undefined}
          >
            {phase === 'open' ? words.calls.all : words.phase[phase]}
            <span className="count">
              {many === undefined ? words.none : many.toLocaleString('en')}
              {isMost && '+'}
            </span>
          </a>
        )
      })}
      {isFailed && <span className="faint">{words.calls.countsAway}</span>}
    </nav>
  )
}

interface Props {
  readonly view: View
  readonly queues: readonly Queue[]
  readonly picture: Picture
}

export function Filters({ view, queues, picture }: Props) {
  const place = usePlace()
  const set = (changes: Record<string, string | undefined>) => go(withQuery(changes, place), { replace: true })
  const known = useLive(shown => shown.agents)
  const agents = useMemo(() => {
    const names = new Set<string>()
    for (const { agentId, status } of picture.calls.values()) if (agentId && status !== 'ended') names.add(agentId)
    if (view.phase === 'ended') for (const id of known.keys()) names.add(id)
    if (view.agent) names.add(view.agent)
    return [...names].sort()
  }, [picture, known, view.agent, view.phase])
  return (
    <search className="filters" aria-label={words.calls.filters}>
      <input
        type="search"
        id="search"
        value={view.text}
        placeholder={words.calls.search}
        aria-label={words.calls.search}
        onChange={({ target }) => set({ q: target.value || undefined })}
      />
      <select aria-label={words.calls.queue} value={view.queue} onChange={({ target }) => set({ queue: target.value })}>
        <option value="">{words.calls.everyQueue}</option>
        {queues.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select aria-label={words.calls.agent} value={view.agent} onChange={({ target }) => set({ agent: target.value })}>
        <option value="">{words.calls.everyAgent}</option>
        {agents.map(id => (
          <option key={id} value={id}>
            {known.get(id)?.name ?? id}
          </option>
        ))}
      </select>
      <select aria-label={words.calls.flag} value={view.flag} onChange={({ target }) => set({ flag: target.value })}>
        <option value="">{words.calls.everyFlag}</option>
        <option value="any">{words.calls.anyFlag}</option>
        {FLAGS.map(rule => (
          <option key={rule} value={rule}>
            {words.rule(rule)}
          </option>
        ))}
      </select>
      {isFiltered(view) && (
        <a
          className="button quiet"
          {...link(withQuery({ q: undefined, queue: undefined, agent: undefined, flag: undefined }, place))}
        >
          <Icon name="close" size={14} /> {words.calls.clear}
        </a>
      )}
    </search>
  )
}

/** Stops and resumes everything that moves. It comes before the table, where a reader meets it first. */
export function PauseButton() {
  const pause = useLive(shown => shown.pause)
  return (
    <div className="pause">
      {pause && <span className="paused">{words.calls.paused(timeOfDay(pause.at), pause.missed)}</span>}
      <button
        type="button"
        aria-label={pause ? words.calls.resume : words.calls.pause}
        onClick={() => live.togglePause()}
      >
        <Icon name={pause ? 'play' : 'pause'} size={14} />
        <span className="word">{pause ? words.calls.resume : words.calls.pause}</span>
      </button>
    </div>
  )
}
