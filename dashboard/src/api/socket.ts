/**
 * The socket, typed: what may be said over it in each direction.
 *
 * The payloads are generated from the server's own description of its API; the names are the
 * contract's. Connect with `io(url)`, or `io(url, { auth: { key } })` where reading needs a key.
 */
import type { Socket } from 'socket.io-client'
import type { components } from './schema.d.ts'

type Schemas = components['schemas']

export type CallStatusUpdate = Schemas['CallStatusUpdate']
export type AlertUpdate = Schemas['AlertUpdate']
export type AgentUpdate = Schemas['AgentUpdate']
export type Warning = Schemas['Warning']
export type MetricsUpdate = Schemas['MetricsUpdate']
export type Resync = Schemas['Resync']
export type Subscribed = Schemas['Subscribed']

/** What a command is acknowledged with when it is not carried out. */
export type Refused = { readonly error: { readonly code: string; readonly message: string } }

/** The answer to a command: where its effect begins, or why it has none. */
export type Answer = (answer: Subscribed | Refused) => void

export interface ServerToClient {
  /** One per recorded event, to whoever follows its call, its queue, or all calls. */
  call_status_update: (update: CallStatusUpdate) => void
  /** An alert was raised, or somebody took note of it. */
  alert_update: (update: AlertUpdate) => void
  /** Something changed for an agent. */
  agent_update: (update: AgentUpdate) => void
  /** A promise is about to be broken; to whoever follows its call, its queue, or all calls. */
  warning: (warning: Warning) => void
  /** How queues stand changed, at most once a second; the latest is all that counts. */
  metrics_update: (update: MetricsUpdate) => void
  /** Something was missed: fetch again. */
  resync: (resync: Resync) => void
}

export interface ClientToServer {
  subscribe_call: (callId: string, answer?: Answer) => void
  unsubscribe_call: (callId: string, answer?: Answer) => void
  subscribe_calls: (options: Schemas['SubscribeCalls'], answer?: Answer) => void
  unsubscribe_calls: (options?: { readonly queueId?: string }, answer?: Answer) => void
  subscribe_alerts: (options: Schemas['SubscribeAlerts'], answer?: Answer) => void
  unsubscribe_alerts: (answer?: Answer) => void
  subscribe_agents: (options: Schemas['SubscribeAgents'], answer?: Answer) => void
  unsubscribe_agents: (answer?: Answer) => void
  subscribe_metrics: (options: Schemas['SubscribeMetrics'], answer?: Answer) => void
  unsubscribe_metrics: (options?: { readonly queueId?: string }, answer?: Answer) => void
}

export type SwitchboardSocket = Socket<ServerToClient, ClientToServer>
