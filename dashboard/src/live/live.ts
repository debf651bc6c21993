/**
 * The one socket, and what came of it: joins first and fetches then, catches up after a lost
 * connection, and says how far what it shows can be trusted.
 *
 * Listeners are registered once, outside `connect`. Screens are told at most ten times a second,
 * however much comes in.
 */
import { io } from 'socket.io-client'
import { type Agent, type Alert, Refusal } from '../api/client.ts'
import { onPerson, whoIsHere } from '../api/session.ts'
import type { CallStatusUpdate, MetricsUpdate, Refused, Subscribed, SwitchboardSocket } from '../api/socket.ts'
import { type Agents, agentsFetched, NO_AGENTS, withAgent } from './agents.ts'
import { type Alerts, foldAlerts, NO_ALERTS } from './alerts.ts'
import { after, begin, type Connection, type Happening } from './connection.ts'
import { type Delays, Measured } from './delays.ts'
import { fetchAgents, fetchAlerts, fetchCounts, fetchOpen } from './fetching.ts'
import { fold, learn, NOTHING, type Picture, refetched } from './picture.ts'
import { knowsServerTime, serverNow } from './serverTime.ts'
import { isOutdated } from './version.ts'
import { NO_WARNINGS, stillTrue, type Warnings, warned } from './warnings.ts'

export interface Shown {
  readonly picture: Picture
  readonly alerts: Alerts
  readonly agents: Agents
  /** Promises that are about to be broken. */
  readonly warnings: Warnings
  /** How queues stood when last told. */
  readonly figures: MetricsUpdate | undefined
  readonly connection: Connection
  /** When somebody stopped the picture, if so, and how much has happened since. */
  readonly pause?: { readonly at: number; readonly missed: number }
  /** There are more open calls than are held here. */
  readonly isCut: boolean
  /** The server has another version of this page. */
  readonly isOutdated: boolean
  readonly delays: Delays | undefined
  /** Grows with every update, for whatever follows from updates. */
  readonly updates: number
}

const SHOW_EVERY_MS = 100
const RETRY_FIRST_MS = 500
const RETRY_MAX_MS = 10_000
/** A tab that nobody saw for so long fetches again when it is seen. */
const UNSEEN_MAX_MS = 5_000

export class Live {
  private socket: SwitchboardSocket
  private shown: Shown
  private picture = NOTHING
  private alerts = NO_ALERTS
  private agents = NO_AGENTS
  private warnings = NO_WARNINGS
  private figures: MetricsUpdate | undefined
  private connection = begin(Date.now())
  private pause: { at: number; missed: number } | undefined
  private isCut = false
  private isOutdated = false
  private updates = 0
  private measured = new Measured()
  private incoming: CallStatusUpdate[] = []
  /** What was heard since the scope was joined and until everything was fetched. */
  private heard = new Set<string>()
  private heardAgents = new Set<string>()
  private isCatchingUp = false
  /** What was missed is not known to follow: only a fetch helps. */
  private mustFetch = true
  private position: string | undefined
  private joining: AbortController | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private shownAt = 0
  private hiddenAt: number | undefined
  private listeners = new Set<() => void>()

  constructor() {
    this.shown = this.show()
    this.socket = io({
      autoConnect: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      randomizationFactor: 0.5,
      auth: give => {
        const person = whoIsHere()
        give(person ? { key: person.key } : {})
      },
    })
    this.listen()
  }

  start() {
    this.socket.connect()
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  readonly now = () => this.shown

  /** Stops the picture, or lets it go on from where everything is by now. */
  togglePause() {
    this.pause = this.pause ? undefined : { at: serverNow(), missed: 0 }
    this.publish()
  }

  /** Fetches everything again, as one does who does not trust what is shown. */
  refresh() {
    if (this.socket.connected) void this.catchUp(undefined)
    else this.socket.connect()
  }

  /** Takes in what somebody fetched for themselves. */
  learned(calls: Parameters<typeof learn>[1]) {
    this.picture = learn(this.picture, calls)
    this.publish()
  }

  /** Takes in the answer to somebody's own change. */
  acknowledged(alert: Alert) {
    this.alerts = foldAlerts(this.alerts, [alert])
    this.publish()
  }

  /** See `acknowledged`. */
  agentChanged(agent: Agent) {
    this.agents = withAgent(this.agents, agent)
    this.publish()
  }

  private listen() {
    const { socket } = this
    socket.on('connect', () => {
      this.happened({ what: 'connected' })
      this.measured.clear()
      void this.catchUp(this.position)
      isOutdated().then(
        is => {
          this.isOutdated = is
          this.publish()
        },
        () => {},
      )
    })
    socket.on('disconnect', reason => {
      this.joining?.abort()
      this.happened({ what: 'lost' })
      // The one reason after which the client does not come back by itself.
      if (reason === 'io server disconnect') setTimeout(() => socket.connect(), RETRY_FIRST_MS)
    })
    socket.on('connect_error', error => {
      if (error.message === 'Unauthorized') this.happened({ what: 'locked' })
    })
    socket.on('call_status_update', update => {
      if (this.isCatchingUp) this.heard.add(update.callId)
      this.reached(update.position)
      this.incoming.push(update)
      this.updates += 1
      if (this.pause) this.pause = { ...this.pause, missed: this.pause.missed + 1 }
      this.happened({ what: 'heard' })
    })
    socket.on('alert_update', ({ position, ...alert }) => {
      this.reached(position)
      this.alerts = foldAlerts(this.alerts, [alert])
      this.happened({ what: 'heard' })
    })
    socket.on('agent_update', ({ position, ...agent }) => {
      this.reached(position)
      this.heardAgents.add(agent.id)
      this.agents = withAgent(this.agents, agent)
      this.happened({ what: 'heard' })
    })
    socket.on('warning', warning => {
      this.warnings = warned(this.warnings, warning)
      this.happened({ what: 'heard' })
    })
    socket.on('metrics_update', figures => {
      this.figures = figures
      this.happened({ what: 'heard' })
    })
    socket.on('resync', () => {
      this.happened({ what: 'gap' })
      void this.catchUp(undefined)
    })
    socket.io.on('ping', () => this.happened({ what: 'heard' }))
    window.addEventListener('online', () => {
      this.happened({ what: 'network' })
      socket.connect()
    })
    window.addEventListener('offline', () => this.happened({ what: 'no network' }))
    document.addEventListener('visibilitychange', () => this.seen())
    onPerson(() => {
      this.happened({ what: 'unlocked' })
      socket.disconnect().connect()
    })
  }

  /** Calls, alerts and agents are joined one after another: until all are, one may be ahead of the others. */
  private reached(position: string) {
    if (!this.isCatchingUp) this.position = position
  }

  private seen() {
    if (document.hidden) {
      this.hiddenAt = Date.now()
    } else if (this.hiddenAt !== undefined) {
      const unseenMs = Date.now() - this.hiddenAt
      this.hiddenAt = undefined
      this.measured.clear()
      if (UNSEEN_MAX_MS < unseenMs) this.refresh()
      this.publish()
    }
  }

  /** Joins, then fetches what cannot be caught up with. Tries until it succeeds or the connection is lost. */
  private async catchUp(after: string | undefined) {
    this.joining?.abort()
    const joining = new AbortController()
    this.joining = joining
    const { signal } = joining
    if (after === undefined) this.mustFetch = true
    this.heard = new Set()
    this.heardAgents = new Set()
    this.isCatchingUp = true
    for (let waitMs = RETRY_FIRST_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
      try {
        const recovered = await this.join(this.mustFetch ? undefined : after)
        if (!recovered) await this.fetchAll(signal)
        if (signal.aborted) return
        this.isCatchingUp = false
        this.mustFetch = false
        this.happened({ what: 'whole' })
        return
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Refusal && error.wantsKey) return this.happened({ what: 'locked' })
        await new Promise(resolve => setTimeout(resolve, waitMs))
      }
    }
  }

  /** Follows all calls, alerts, agents and figures; says whether everything missed follows by itself. */
  private async join(after: string | undefined) {
    const options = after === undefined ? {} : { after }
    const { socket } = this
    const calls: Subscribed | Refused = await socket.timeout(10_000).emitWithAck('subscribe_calls', options)
    const alerts: Subscribed | Refused = await socket.timeout(10_000).emitWithAck('subscribe_alerts', options)
    const agents: Subscribed | Refused = await socket.timeout(10_000).emitWithAck('subscribe_agents', options)
    const figures: Subscribed | Refused = await socket.timeout(10_000).emitWithAck('subscribe_metrics', {})
    for (const answer of [calls, alerts, agents, figures]) if ('error' in answer) throw new Error(answer.error.message)
    if ('error' in calls || 'error' in alerts || 'error' in agents) return false
    const recovered = calls.recovered && alerts.recovered && agents.recovered
    if (!recovered) {
      this.mustFetch = true
      this.position = calls.position
    }
    await fetchCounts('').catch((error: unknown) => {
      if (error instanceof Refusal && error.wantsKey) throw error
    })
    return recovered
  }

  private async fetchAll(signal: AbortSignal) {
    const [{ open, isWhole }, alerts, agents] = await Promise.all([
      fetchOpen(signal),
      fetchAlerts(signal),
      fetchAgents(signal),
    ])
    if (signal.aborted) return
    this.flush()
    this.isCut = !isWhole
    // Of a list that was cut off, nothing follows for the calls that are not in it.
    this.picture = isWhole ? refetched(this.picture, open, this.heard) : learn(this.picture, open)
    this.alerts = foldAlerts(this.alerts, alerts)
    this.agents = agentsFetched(this.agents, agents, this.heardAgents)
  }

  private happened(happening: Happening) {
    this.connection = after(this.connection, happening, Date.now())
    this.publish()
  }

  /** Shows what is new: soon, but not more often than a screen is worth. */
  private publish() {
    if (this.timer !== undefined) return
    const dueMs = Math.max(0, this.shownAt + SHOW_EVERY_MS - performance.now())
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.shownAt = performance.now()
      const newest = this.flush()
      this.warnings = stillTrue(this.warnings, this.picture)
      this.shown = this.show()
      for (const listener of this.listeners) listener()
      if (newest !== undefined) this.measure(newest)
    }, dueMs)
  }

  /** Folds in what has come; returns when the first of it was recorded. */
  private flush(): number | undefined {
    const [first] = this.incoming
    if (!first) return undefined
    this.picture = fold(this.picture, this.incoming)
    this.incoming = []
    return Date.parse(first.timestamp)
  }

  /** Measures when it is painted; not what was caught up with, and not in a tab that nobody sees. */
  private measure(recordedAt: number) {
    if (document.hidden || !knowsServerTime() || !this.connection.isWhole || this.pause) return
    requestAnimationFrame(() => setTimeout(() => this.measured.add(serverNow() - recordedAt)))
  }

  private show(): Shown {
    const { connection, alerts, agents, warnings, figures, isCut, isOutdated, updates } = this
    const picture = this.pause ? this.shown.picture : this.picture
    const delays = this.measured.delays
    return {
      picture,
      alerts,
      agents,
      warnings,
      figures,
      connection,
      isCut,
      isOutdated,
      updates,
      delays,
      ...(this.pause && { pause: this.pause }),
    }
  }
}

export const live = new Live()
