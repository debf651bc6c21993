/** What people did on purpose: who, when, to what, and why. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { askPage, type Queue, type Schemas } from '../../api/client.ts'
import { useQueues } from '../../live/queues.ts'
import { useAgentName, useLive } from '../../live/useLive.ts'
import { Failed, Message, Moment, reason } from '../../ui/parts.tsx'
import { link } from '../../util/url.ts'
import { words } from '../../words.ts'
import { detailOf, kindOf } from './action.ts'

type Action = Schemas['Action']
type Queues = ReadonlyMap<string, Queue>

const PAGE = 100
/** Nobody announces an action, so it is asked for; not by whoever has gone far back. */
const ASKED_EVERY_MS = 15_000
const ASKED_PAGES_MAX = 5

export function AuditPage() {
  const queues = useQueues().byId
  const query = useInfiniteQuery({
    queryKey: ['actions'],
    queryFn: ({ pageParam, signal }) => askPage<Action>(pageParam, signal),
    initialPageParam: `/api/actions?limit=${PAGE}`,
    getNextPageParam: ({ next }) => next,
    refetchOnMount: 'always',
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= ASKED_PAGES_MAX ? ASKED_EVERY_MS : false),
  })
  const { data, error, isFetchingNextPage, hasNextPage } = query
  // What was done while older pages were fetched has moved some actions onto two of them.
  const actions = [...new Map(data?.pages.flatMap(({ items }) => items).map(action => [action.id, action])).values()]
  return (
    <div className="page">
      <h1 className="unseen">{words.audit.title}</h1>
      {data === undefined ? (
        error ? (
          <Failed error={error} title={words.audit.failed} retry={() => void query.refetch()} />
        ) : (
          <div className="skeleton" role="status" aria-label={words.audit.loading}>
            <span />
            <span />
            <span />
          </div>
        )
      ) : actions.length === 0 ? (
        <Message title={words.audit.none}>
          <p>{words.audit.noneHow}</p>
        </Message>
      ) : (
        <>
          <Actions actions={actions} queues={queues} />
          {error && (
            <p className="note wrong" role="alert">
              {words.audit.failed}: {reason(error)}
            </p>
          )}
          {hasNextPage ? (
            <p className="actions after-list">
              <button type="button" disabled={isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {isFetchingNextPage ? words.audit.loading : words.audit.older}
              </button>
            </p>
          ) : (
            <p className="note">{words.audit.all(actions.length)}</p>
          )}
        </>
      )}
    </div>
  )
}

const Actions = ({ actions, queues }: { actions: readonly Action[]; queues: Queues }) => (
  <table className="audit" aria-label={words.audit.table}>
    <thead>
      <tr>
        {(['when', 'who', 'what', 'target', 'why'] as const).map(column => (
          <th key={column} scope="col" className={`a-${column}`}>
            {words.audit.columns[column]}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {actions.map(action => (
        <tr key={action.id}>
          <td className="a-when">
            <Moment at={action.at} />
          </td>
          <td className="a-who">
            <b>{action.by}</b> <span className="faint">{words.audit.role(action.role)}</span>
          </td>
          <td className="a-what">{words.audit.action(action.action)}</td>
          <td className="a-target">
            <Target action={action} queues={queues} />
          </td>
          <td className="a-why">
            {action.reason && <p>{action.reason}</p>}
            <Detail action={action} queues={queues} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** What it was done to, as a link where there is something to see. */
function Target({ action, queues }: { action: Action; queues: Queues }) {
  const { target } = action
  const kind = kindOf(action.action)
  const agent = useAgentName(kind === 'agent' ? target : undefined)
  const call = useLive(({ alerts }) => (kind === 'alert' ? alerts.get(target)?.callId : target))
  if (kind === 'agent') return <a {...link(`/queues?agent=${encodeURIComponent(target)}`)}>{agent}</a>
  if (kind === 'queue')
    return <a {...link(`/queues?queue=${encodeURIComponent(target)}`)}>{queues.get(target)?.name ?? target}</a>
  if ((kind === 'call' || kind === 'alert') && call !== undefined)
    return <a {...link(`/calls/${encodeURIComponent(call)}`)}>{call}</a>
  return <>{target}</>
}

function Detail({ action, queues }: { action: Action; queues: Queues }) {
  const { agentId } = (action.detail ?? {}) as { agentId?: string }
  const agentName = useAgentName(agentId)
  const queue = (id: string) => queues.get(id)?.name ?? id
  const details = detailOf(action.detail, { queue, agent: id => agentName ?? id })
  if (details.length === 0) return null
  return (
    <ul className="details">
      {details.map(([name, value]) => (
        <li key={name}>
          {words.audit.detail(name)} <b>{value}</b>
        </li>
      ))}
    </ul>
  )
}
