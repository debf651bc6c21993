/** The wallboard: six figures a queue, to be read from across the room. It has no controls. */
import { useMemo } from 'react'
import { useService } from '../../live/figures.ts'
import { type Load, loads, overdue } from '../../live/load.ts'
import { useQueues } from '../../live/queues.ts'
import { useNow } from '../../live/ticker.ts'
import { useLive } from '../../live/useLive.ts'
import { Freshness } from '../../ui/Freshness.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { clock, timeOfDay } from '../../util/time.ts'
import { link, usePlace } from '../../util/url.ts'
import { words } from '../../words.ts'

export function WallPage() {
  const queues = useQueues()
  const { service } = useService()
  const picture = useLive(shown => shown.picture)
  const carried = useMemo(() => loads(picture), [picture])
  const only = usePlace().query.getAll('queue')
  const shown = (queues.data ?? []).filter(({ id }) => only.length === 0 || only.includes(id))
  const now = useNow()
  return (
    <main className="wall" id="content">
      <header>
        <h1>
          <a {...link('/')} aria-label={words.wall.exit}>
            {words.product}
          </a>
        </h1>
        <Freshness />
        <time className="clock">{timeOfDay(now)}</time>
      </header>
      <div className={`wall-queues wall-${columns(shown.length)}`}>
        {shown.map(queue => {
          const figures = service?.queues.find(({ queueId }) => queueId === queue.id)
          return (
            <WallQueue
              key={queue.id}
              name={queue.name}
              load={carried.get(queue.id)}
              slaMs={queue.slaSeconds * 1000}
              serviceLevel={figures?.today.serviceLevel}
            />
          )
        })}
      </div>
    </main>
  )
}

/** So many side by side that the figures stay as large as they can be. */
const columns = (queues: number) => (queues <= 3 ? queues : queues === 4 ? 2 : queues <= 6 ? 3 : 4)

interface Props {
  readonly name: string
  readonly load: Load | undefined
  readonly slaMs: number
  readonly serviceLevel: number | undefined
}

function WallQueue({ name, load, slaMs, serviceLevel }: Props) {
  const now = useNow()
  const waitedMs = load?.oldestWait ? now - Date.parse(load.oldestWait) : undefined
  const broken = overdue(load, now)
  const tone = waitedMs === undefined || waitedMs < (slaMs * 2) / 3 ? '' : waitedMs < slaMs ? 'soon' : 'over'
  return (
    <section className="wall-queue" aria-label={name}>
      <h2>{name}</h2>
      <dl>
        <Big label={words.wall.waiting} value={String((load?.waiting ?? 0) + (load?.ringing ?? 0))} />
        <Big
          label={words.wall.longest}
          value={waitedMs === undefined ? words.none : clock(waitedMs / 1000)}
          tone={tone}
        />
        <Big label={words.wall.overdue} value={String(broken)} tone={broken > 0 ? 'over' : ''} />
        <Big label={words.wall.talking} value={String(load?.active ?? 0)} />
        <Big label={words.wall.onHold} value={String(load?.onHold ?? 0)} />
        {serviceLevel !== undefined && (
          <Big
            label={words.wall.serviceLevel}
            value={`${Math.round(serviceLevel * 100)}%`}
            tone={serviceLevel < 0.8 ? 'soon' : ''}
          />
        )}
      </dl>
    </section>
  )
}

const Big = ({ label, value, tone = '' }: { label: string; value: string; tone?: string }) => (
  <div className={`big ${tone}`}>
    <dt>{label}</dt>
    <dd>
      {tone && <Icon name={tone === 'over' ? 'critical' : 'warning'} size={28} />}
      {value}
    </dd>
  </div>
)
