/** Calls, live: counts, filters, the table, and beside it the one call that the address names. */
import { useMemo } from 'react'
import { OPEN_MAX } from '../../live/fetching.ts'
import { useQueues } from '../../live/queues.ts'
import { useLive } from '../../live/useLive.ts'
import { Failed, Message } from '../../ui/parts.tsx'
import { link, usePlace, withQuery } from '../../util/url.ts'
import { words } from '../../words.ts'
import { CallPanel } from './CallPanel.tsx'
import { CallTable } from './CallTable.tsx'
import { useEnded } from './ended.ts'
import { Filters, PauseButton, StatusChips } from './Filters.tsx'
import { Further } from './Further.tsx'
import { useCounts } from './queries.ts'
import { countsQuery, isFiltered, select, type View, viewOf } from './view.ts'

export function CallsPage({ open }: { open: string | undefined }) {
  const { query } = usePlace()
  const view = useMemo(() => viewOf(query), [query])
  const picture = useLive(shown => shown.picture)
  const pause = useLive(shown => shown.pause)
  const isCut = useLive(shown => shown.isCut)
  const wasWhole = useLive(({ connection }) => connection.trueUntil !== undefined)
  const queues = useQueues()
  const counts = useCounts(countsQuery(view))
  const isEnded = view.phase === 'ended'
  const ended = useEnded(isEnded, countsQuery(view))
  const calls = useMemo(() => select(picture, view, ended.calls), [picture, view, ended.calls])
  const found = isEnded && isFiltered(view) ? { count: calls.length, hasMore: ended.hasMore } : undefined

  return (
    <div className={open === undefined ? 'calls-page' : 'calls-page with-panel'}>
      <div className="calls-main">
        <h1 className="unseen">{words.calls.title}</h1>
        <div className="toolbar">
          <StatusChips counts={counts.data} view={view} isFailed={counts.isError} found={found} />
          <PauseButton />
        </div>
        <Filters view={view} queues={queues.data ?? []} picture={picture} />
        {isCut && <p className="note">{words.cut(OPEN_MAX)}</p>}
        {isEnded && ended.error && calls.length === 0 && !ended.isSearching ? (
          <Failed error={ended.error} retry={ended.goOn} />
        ) : !wasWhole || (isEnded && ended.isSearching && calls.length === 0) ? (
          <Skeleton />
        ) : calls.length === 0 ? (
          <Nothing
            view={view}
            openCalls={picture.calls.size - picture.ended}
            hasAny={picture.calls.size > 0 || (counts.data?.ended ?? 0) > 0}
          />
        ) : (
          <CallTable
            picture={picture}
            older={ended.calls}
            calls={calls}
            view={view}
            queues={queues.byId}
            open={open}
            stoppedAt={pause?.at}
          />
        )}
        {isEnded && wasWhole && (calls.length > 0 || !ended.error) && (
          <Further ended={ended} isSearch={isFiltered(view)} />
        )}
      </div>
      {open !== undefined && <CallPanel key={open} id={open} queues={queues.byId} />}
    </div>
  )
}

/** Rows to be, so that nothing jumps when they come. */
const Skeleton = () => (
  <div className="skeleton" role="status" aria-label={words.calls.loading}>
    {Array.from({ length: 12 }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
      <span key={index} />
    ))}
  </div>
)

/** Why the table is empty, and what to do about it. */
function Nothing({ view, openCalls, hasAny }: { view: View; openCalls: number; hasAny: boolean }) {
  const place = usePlace()
  if (isFiltered(view) || (view.phase !== 'open' && openCalls > 0) || (view.phase === 'ended' && hasAny)) {
    const text = view.text.trim()
    return (
      <Message title={words.calls.noMatch}>
        {view.phase !== 'ended' && <p>{words.calls.noMatchHow(openCalls)}</p>}
        <p className="actions">
          <a
            className="button"
            {...link(
              withQuery(
                { q: undefined, queue: undefined, agent: undefined, flag: undefined, status: undefined },
                place,
              ),
            )}
          >
            {words.calls.clear}
          </a>
          {text && (
            <a className="button" {...link(withQuery({}, { ...place, path: `/calls/${encodeURIComponent(text)}` }))}>
              {words.calls.openById(text)}
            </a>
          )}
        </p>
      </Message>
    )
  }
  if (hasAny) {
    return (
      <Message title={words.calls.noneOpen}>
        <p>{words.calls.noneOpenHow}</p>
      </Message>
    )
  }
  return (
    <Message title={words.calls.none}>
      <p>{words.calls.noneHow}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <pre tabIndex={0}>{`curl -X POST ${location.origin}/api/events \\
  -H "X-API-Key: $API_KEY" -H "Content-Type: application/json" \\
  -d '{"event":"call_initiated","callId":"c1","type":"voice","queueId":"medical_spanish"}'`}</pre>
    </Message>
  )
}
