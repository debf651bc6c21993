/** Queues and agents: what waits and how long, who is there and why calls do or do not reach them. */
import { useEffect, useMemo } from 'react'
import type { Queue } from '../../api/client.ts'
import { useService } from '../../live/figures.ts'
import { type Load, loads } from '../../live/load.ts'
import { useQueues } from '../../live/queues.ts'
import { useNow } from '../../live/ticker.ts'
import { useLive } from '../../live/useLive.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Failed } from '../../ui/parts.tsx'
import { clock, timeOfDay } from '../../util/time.ts'
import { go, link, usePlace, withQuery } from '../../util/url.ts'
import { words } from '../../words.ts'
import { AgentDialog, AgentList } from './Agents.tsx'
import { FiguresTable } from './FiguresTable.tsx'
import { QueueCharts } from './QueueChart.tsx'

export function QueuesPage() {
  const queues = useQueues()
  const agents = useLive(shown => shown.agents)
  const place = usePlace()
  const chosen = place.query.get('agent') ?? undefined
  const choose = (agent: string | undefined) => go(withQuery({ agent }, place), { replace: agent === undefined })
  const wanted = place.query.get('queue')
  const isThere = !!queues.data
  useEffect(() => {
    if (isThere && wanted) document.getElementById(`queue-${wanted}`)?.scrollIntoView()
  }, [isThere, wanted])
  const everyone = useMemo(() => [...agents.values()], [agents])
  const elsewhere = everyone.filter(({ queues }) => queues.length === 0)
  const chosenAgent = chosen === undefined ? undefined : agents.get(chosen)
  const figures = useService()
  const { service } = figures
  const picture = useLive(shown => shown.picture)
  const carried = useMemo(() => loads(picture), [picture])
  return (
    <div className="page">
      <h1 className="unseen">{words.queues.title}</h1>
      {queues.isError && (
        <Failed error={queues.error} title={words.queues.failed} retry={() => void queues.refetch()} />
      )}
      {figures.isError && (
        <Failed error={figures.error} title={words.queues.figuresFailed} retry={() => void figures.refetch()} />
      )}
      <div className="queues">
        {(queues.data ?? []).map(queue => {
          const ofQueue = service?.queues.find(({ queueId }) => queueId === queue.id)
          return (
            <section key={queue.id} id={`queue-${queue.id}`} className="card queue" aria-label={queue.name}>
              <header>
                <h2>{queue.name}</h2>
                <p className="faint">
                  {words.queues.promises(queue.slaSeconds, queue.ringSeconds, queue.maxHoldSeconds)}
                </p>
              </header>
              <NowFigures queue={queue} load={carried.get(queue.id)} />
              {ofQueue && service && (
                <div className="queue-figures">
                  <FiguresTable figures={ofQueue} service={service} />
                  {ofQueue.intervals.length > 0 && (
                    <QueueCharts
                      name={queue.name}
                      intervals={ofQueue.intervals}
                      targetSeconds={ofQueue.targetSeconds}
                    />
                  )}
                </div>
              )}
              <AgentList agents={everyone.filter(agent => agent.queues.includes(queue.id))} choose={choose} />
            </section>
          )
        })}
        {queues.isPending && (
          <div className="skeleton" role="status" aria-label={words.calls.loading}>
            <span />
            <span />
            <span />
          </div>
        )}
      </div>
      {elsewhere.length > 0 && (
        <section className="card elsewhere" aria-label={words.queues.elsewhere}>
          <header>
            <h2>{words.queues.elsewhere}</h2>
            <p className="faint">{words.queues.elsewhereWhy}</p>
          </header>
          <AgentList agents={elsewhere} choose={choose} />
        </section>
      )}
      {everyone.length === 0 && queues.data && <p className="note">{words.queues.noAgents}</p>}
      {chosenAgent && <AgentDialog agent={chosenAgent} onClose={() => choose(undefined)} />}
      {service && <p className="note">{words.queues.asOf(timeOfDay(service.asOf), service.timeZone)}</p>}
    </div>
  )
}

/** What the queue carries now; each number opens the calls behind it. */
function NowFigures({ queue, load }: { queue: Queue; load: Load | undefined }) {
  const now = useNow()
  const waitedMs = load?.oldestWait ? now - Date.parse(load.oldestWait) : undefined
  const isOver = waitedMs !== undefined && queue.slaSeconds * 1000 < waitedMs
  const figure = (status: string, label: string, count: number) => (
    <a
      className="now-figure"
      aria-label={`${count} ${words.queues.openCalls(label, queue.name)}`}
      {...link(`/?queue=${encodeURIComponent(queue.id)}&status=${status}`)}
    >
      <b>{count}</b> {label}
    </a>
  )
  return (
    <div className="now">
      {figure('waiting', words.queues.waiting, load?.waiting ?? 0)}
      {figure('ringing', words.queues.ringing, load?.ringing ?? 0)}
      {figure('active', words.queues.active, load?.active ?? 0)}
      {figure('on_hold', words.queues.onHold, load?.onHold ?? 0)}
      <span className={`now-figure${isOver ? ' over' : ''}`}>
        <b>
          {isOver && <Icon name="critical" size={14} />}
          {waitedMs === undefined ? words.none : clock(waitedMs / 1000)}
        </b>{' '}
        {words.queues.longest.toLowerCase()}
      </span>
    </div>
  )
}
