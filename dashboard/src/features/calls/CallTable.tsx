/** The table of calls: only the rows in sight exist, and they stay where they are while somebody reads. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Call, Queue } from '../../api/client.ts'
import type { Picture } from '../../live/picture.ts'
import { Icon } from '../../ui/Icon.tsx'
import { go, link, usePlace, withQuery } from '../../util/url.ts'
import { words } from '../../words.ts'
import { CallRow } from './CallRow.tsx'
import { useHeldOrder, useReading } from './order.ts'
import type { Sort, View } from './view.ts'

const ROW_PX = 36

/** On a phone each call has two lines; the style sheet draws the same line. */
const TWO_LINES_PX = 56
const PHONE = matchMedia('(max-width: 700px)')
const onPhone = (listener: () => void) => {
  PHONE.addEventListener('change', listener)
  return () => PHONE.removeEventListener('change', listener)
}
const useRowPx = () => useSyncExternalStore(onPhone, () => (PHONE.matches ? TWO_LINES_PX : ROW_PX))

type Column = keyof typeof words.calls.columns

const COLUMNS: readonly { readonly name: Column; readonly sort?: Sort }[] = [
  { name: 'status', sort: 'status' },
  { name: 'clock' },
  { name: 'promise', sort: 'due' },
  { name: 'queue', sort: 'queue' },
  { name: 'agent', sort: 'agent' },
  { name: 'type' },
  { name: 'age', sort: 'age' },
  { name: 'flags' },
  { name: 'id', sort: 'id' },
]

/** A call that ended promises nothing more, and its clock stands still: the columns say so. */
function columnsOf({ phase }: View): readonly { name: Column; title: Column; sort?: Sort | undefined }[] {
  const isEnded = phase === 'ended'
  return COLUMNS.map(({ name, sort }) => {
    if (isEnded && name === 'promise') return { name, title: 'ended', sort }
    if (isEnded && name === 'age') return { name, title: 'lasted' }
    return { name, title: name, sort }
  })
}

interface Props {
  readonly picture: Picture
  /** Calls that are not in the picture. */
  readonly older: ReadonlyMap<string, Call>
  readonly calls: readonly Call[]
  readonly view: View
  readonly queues: ReadonlyMap<string, Queue>
  readonly open: string | undefined
  readonly stoppedAt: number | undefined
}

export function CallTable({ picture, older, calls, view, queues, open, stoppedAt }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const place = usePlace()
  const [isScrolled, setScrolled] = useState(false)
  const { isReading, handlers } = useReading(isScrolled)
  const looked = JSON.stringify(view)
  const wanted = useIds(calls)
  const { ids, fresh, letIn } = useHeldOrder(wanted, isReading, looked)
  const [hereId, setHere] = useState<string>()
  const here = Math.max(0, hereId === undefined ? 0 : ids.indexOf(hereId))

  const rowPx = useRowPx()
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    getItemKey: index => ids[index] ?? index,
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of height that counts
  useEffect(() => rows.measure(), [rowPx])

  // Another view begins at its top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of view that counts
  useEffect(() => {
    scroller.current?.scrollTo(0, 0)
  }, [looked])

  const move = (to: number) => {
    const index = Math.max(0, Math.min(ids.length - 1, to))
    const id = ids[index]
    if (id === undefined) return
    setHere(id)
    rows.scrollToIndex(index)
    // The row may have to come into being first.
    requestAnimationFrame(() => requestAnimationFrame(() => linkOf(scroller.current, id)?.focus()))
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 1
    const to = {
      ArrowDown: here + 1,
      j: here + 1,
      ArrowUp: here - 1,
      k: here - 1,
      PageDown: here + page,
      PageUp: here - page,
      Home: 0,
      End: ids.length,
    }[event.key]
    if (to === undefined || !(event.target instanceof HTMLAnchorElement)) return
    event.preventDefault()
    move(to)
  }

  const showNew = useCallback(() => {
    letIn()
    scroller.current?.scrollTo(0, 0)
  }, [letIn])
  useEffect(() => {
    const onKey = (event: Event) => {
      if (event instanceof CustomEvent && event.detail === 'new') showNew()
      if (event instanceof CustomEvent && event.detail === 'rows') move(here)
    }
    addEventListener('switchboard-key', onKey)
    return () => removeEventListener('switchboard-key', onKey)
  })

  const items = rows.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = rows.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <div className="table-frame">
      {fresh > 0 && (
        <button type="button" className="fresh" onClick={showNew} aria-label={words.calls.freshLabel(fresh)}>
          <Icon name="up" size={14} /> {words.calls.fresh(fresh)}
        </button>
      )}
      <section
        className="scroller"
        ref={scroller}
        aria-label={words.calls.title}
        onScroll={({ currentTarget }) => setScrolled(rowPx / 2 < currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        {...handlers}
      >
        <table
          className={view.phase === 'ended' ? 'calls calls-ended' : 'calls'}
          aria-rowcount={ids.length + 1}
          aria-label={words.calls.table(ids.length)}
        >
          <thead>
            <tr aria-rowindex={1}>
              {columnsOf(view).map(({ name, title, sort }) => (
                <th key={name} scope="col" className={`c-${name}`} aria-sort={sorted(view, sort)}>
                  {sort ? <SortLink name={title} sort={sort} view={view} /> : words.calls.columns[title]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Gap px={above} />}
            {items.map(({ index, key }) => {
              const id = ids[index] ?? ''
              const call = picture.calls.get(id) ?? older.get(id)
              if (!call) return null
              return (
                <CallRow
                  key={key}
                  call={call}
                  index={index}
                  queue={queues.get(call.queueId)}
                  to={withQuery({}, { path: `/calls/${encodeURIComponent(call.id)}`, query: place.query })}
                  isHere={index === here || (here < (items[0]?.index ?? 0) && index === items[0]?.index)}
                  isOpen={call.id === open}
                  stoppedAt={stoppedAt}
                />
              )
            })}
            {below > 0 && <Gap px={below} />}
          </tbody>
        </table>
      </section>
    </div>
  )
}

const Gap = ({ px }: { px: number }) => (
  <tr aria-hidden="true" className="gap">
    <td style={{ height: px }} />
  </tr>
)

/** The ids, the same array as long as they are the same in the same order. */
function useIds(calls: readonly Call[]) {
  const kept = useRef<readonly string[]>([])
  const isSame = kept.current.length === calls.length && calls.every(({ id }, index) => kept.current[index] === id)
  if (!isSame) kept.current = calls.map(({ id }) => id)
  return kept.current
}

const linkOf = (within: Element | null, id: string) =>
  within?.querySelector<HTMLAnchorElement>(`tr[data-call="${CSS.escape(id)}"] a`) ?? undefined

const sorted = (view: View, sort: Sort | undefined) =>
  sort === undefined || view.sort !== sort ? undefined : view.isReversed ? 'descending' : 'ascending'

function SortLink({ name, sort, view }: { name: Column; sort: Sort; view: View }) {
  const isSorted = view.sort === sort
  const next = isSorted && !view.isReversed ? `-${sort}` : sort
  const place = usePlace()
  return (
    <a
      {...link(withQuery({ sort: next === 'due' ? undefined : next }, place))}
      title={words.calls.sortBy(words.calls.columns[name])}
    >
      {words.calls.columns[name]}
      {isSorted && <Icon name={view.isReversed ? 'up' : 'down'} size={12} />}
    </a>
  )
}

/** Goes to the table without one of its calls. */
export const closeCall = () => go(withQuery({}, { path: '/', query: new URLSearchParams(location.search) }))
