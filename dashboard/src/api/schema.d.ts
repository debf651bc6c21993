// Written by `npm run generate` from openapi.json. Do not edit.

export interface paths {
    readonly "/api/actions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What people did, the newest first.
         * @description Changed settings, acknowledged alerts, keys made, rotated and revoked; and each
         *     answer that came too late (`late_answer`, by the key that sent it). They are kept for good.
         */
        readonly get: operations["getActions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/agents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Every agent, by id. */
        readonly get: operations["getAgents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/agents/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One agent. */
        readonly get: operations["getAgent"];
        /**
         * Change an agent, or create one.
         * @description Needs the role `supervise`. A part may be sent; what is left out stays, and a field that there is not is refused.
         *     Priorities are for queues that the agent serves. An agent with queues who is available is offered their calls. Becoming available starts anew: missed offers are forgiven, and a wrap-up is over.
         */
        readonly put: operations["putAgent"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/agents/{id}/free": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Free an agent from the call that names them.
         * @description Needs the role `supervise`. The caller is not dropped: a call that rings goes back to waiting,
         *     which is no miss; one they talk in or hold waits in its queue anew. Where several calls name them,
         *     each is a transaction and an action of its own.
         */
        readonly post: operations["postAgentFree"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/agents/{id}/heartbeat": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * An agent's tool is there.
         * @description Where the agent has `leaseSeconds`, their tool reports at least that often; otherwise they are
         *     unreachable, and calls are offered to others, until it does.
         *     No body is needed, and none with fields is taken.
         */
        readonly post: operations["postAgentHeartbeat"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/agents/{id}/presence": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Say for an agent whether they take calls.
         * @description Needs the role `supervise`. The reason is kept with the presence and in the record of actions.
         *     A call they have goes on.
         */
        readonly post: operations["postAgentPresence"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/alerts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Alerts, the newest first. */
        readonly get: operations["getAlerts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/alerts/{id}/acknowledge": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take note of an alert.
         * @description Needs the role `supervise`. The first to do so stays; a repeat is answered with the alert as it is.
         *     The reason, where there is one, is kept with the action in the record.
         */
        readonly post: operations["postAlertAcknowledge"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/calls": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Calls, the newest first.
         * @description By agent, flag or text calls are searched: for one page at most 20,000 are looked at, so a page may
         *     have few calls, or none, and a next page all the same. `Searched-Back-To` then says when the
         *     last call began that was looked at.
         */
        readonly get: operations["getCalls"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/calls/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One call, as it stands after its last event. */
        readonly get: operations["getCall"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/calls/{id}/end": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End a call that hangs.
         * @description Needs the role `supervise`. Recorded as `call_ended` with `endReason` `failed`; no survey follows,
         *     and the agent is released. Nothing is said to the telephony: this puts the record right.
         */
        readonly post: operations["postCallEnd"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/calls/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A call's history, in the order of recording. */
        readonly get: operations["getCallEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/calls/{id}/reassign": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send a caller who waits to an agent or into a queue.
         * @description Needs the role `supervise`. Where an agent's phone rings for the call, it stops: that is no miss,
         *     and an answer to that offer is refused. The promise to the caller runs on; a call that was given
         *     up is offered again.
         */
        readonly post: operations["postCallReassign"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/counts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How many calls there are.
         * @description All open calls are counted, and of those that ended the newest 1,000 (of the queue, where one is
         *     named) are looked at.
         */
        readonly get: operations["getCounts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Record one event.
         * @description Needs the role `ingest`. Answers after the event, its effect on the call and its timers are on disk. A repeat with the
         *     same `Idempotency-Key` (or `eventId`) gets the same answer, with `Idempotency-Replayed: true`.
         */
        readonly post: operations["postEvents"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/events/batch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Record up to 1,000 events: a JSON array, or one event a line (NDJSON).
         * @description Needs the role `ingest`. Each event is answered by itself, in order; one bad event does not hold up the others. Events of
         *     one call are taken in the order they are given. Give each event an `eventId` to make a repeat harmless; a batch with
         *     the header `Idempotency-Key` is refused.
         */
        readonly post: operations["postEventsBatch"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/events/validate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Check a payload and record nothing.
         * @description Needs the role `ingest`. Says how the payload is understood, or everything that is wrong with it. Whether the call's state
         *     would allow the event is not judged.
         */
        readonly post: operations["postEventsValidate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who you are.
         * @description The name and the role of the key in `X-API-Key`. Without a key, where reading needs none: `anyone`,
         *     `open`. A key that does not work is refused here even where reading needs none.
         */
        readonly get: operations["getMe"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/metrics/agents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The figures of agents today, by id.
         * @description Every agent whom an event of today names is there, registered or not. What an agent did in a call
         *     counts when the call is theirs no longer.
         */
        readonly get: operations["getMetricsAgents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/metrics/queues": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The figures of queues: now, today, the last hour, and each quarter of an hour since midnight.
         * @description Each figure is told with its formula and whose definition it is. Another formula, or another
         *     `slaSeconds` of a queue, holds for the past, too. What is reported late counts when it happened.
         */
        readonly get: operations["getMetricsQueues"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/queues": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Every queue, by id. */
        readonly get: operations["getQueues"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/queues/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One queue. */
        readonly get: operations["getQueue"];
        /**
         * Change a queue, or create it.
         * @description Needs the role `admin`. A part may be sent; what is left out stays, and a field that there is not is refused.
         *     Timers that are armed keep the promise they were armed with.
         */
        readonly put: operations["putQueue"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Somebody takes note of an alert. */
        readonly Acknowledgement: {
            /** @description Who; the name of the key where it is left out. */
            readonly by?: string;
            /** @description Why, or what was done about it: 1 to 255 characters. It is kept in the record of actions. */
            readonly reason?: string;
        };
        /** @description Something that somebody did on purpose, or an answer that came too late. It is kept for good. */
        readonly Action: {
            /**
             * @description What was done: `queue_changed`, `agent_changed`, `call_reassigned`, `call_ended`, `agent_freed`,
             *     `presence_set`, `alert_acknowledged`, `key_made`, `key_rotated`, `key_revoked`, `late_answer`; others
             *     may come.
             */
            readonly action: string;
            /** @description When it was done. */
            readonly at: components["schemas"]["Moment"];
            /** @description The name of the key it was done with. */
            readonly by: string;
            /** @description What else is worth knowing; it depends on the action. */
            readonly detail?: components["schemas"]["Metadata"];
            /** @description Unique among actions. */
            readonly id: string;
            /** @description Why, as whoever did it said. */
            readonly reason?: string;
            /** @description The role of that key. */
            readonly role: components["schemas"]["Role"];
            /** @description The id or the name of what it was done to. */
            readonly target: string;
        };
        /** @description An agent as they stand now. */
        readonly Agent: {
            /** @description The call that rings at their phone, or that they are on. */
            readonly callId?: string;
            /** @description Their id. */
            readonly id: string;
            /** @description How often their tool has to report, where it has to. */
            readonly leaseSeconds?: components["schemas"]["Seconds"];
            /** @description What they did today. Left out in updates. */
            readonly metrics?: components["schemas"]["AgentMetrics"];
            /**
             * Format: int32
             * @description Offers in a row that they let ring out.
             */
            readonly missedInARow: number;
            /** @description Their name for people. */
            readonly name: string;
            /** @description What they say. */
            readonly presence: components["schemas"]["Presence"];
            /** @description Why, where somebody or something said so. */
            readonly presenceReason?: string;
            /**
             * @description How readily they serve a queue, 0 to 9: of two free agents the higher is asked first. 0 where
             *     a queue is left out.
             */
            readonly priorities: {
                readonly [key: string]: number;
            };
            /** @description The queues whose calls are offered to them. */
            readonly queues: readonly string[];
            /** @description Why calls are or are not offered to them now, and what will change it. */
            readonly reason: string;
            /** @description Since when. */
            readonly since: components["schemas"]["Moment"];
            /** @description What they are doing, derived from their calls. */
            readonly state: components["schemas"]["AgentState"];
        };
        /**
         * @description What to change of an agent, or how a new one shall be. What is left out stays, or takes its
         *     default.
         */
        readonly AgentChange: {
            /** @description How often their tool will report; 0 for not at all, which is the default. */
            readonly leaseSeconds?: components["schemas"]["Seconds"];
            /** @description Their name for people; at first their id. */
            readonly name?: string;
            /** @description What they say; at first `offline`. */
            readonly presence?: components["schemas"]["Presence"];
            /** @description How readily they serve a queue, 0 to 9; all of them, like `queues`. */
            readonly priorities?: {
                readonly [key: string]: number;
            };
            /** @description The queues whose calls are offered to them: all of them, not those to add. At first none. */
            readonly queues?: readonly string[];
            /** @description Why, in a few words; kept with the presence. */
            readonly reason?: string;
        };
        /** @description The figures of one agent. */
        readonly AgentFigures: {
            /** @description The agent, as events name them. */
            readonly agentId: string;
            /** @description Since midnight in `timeZone`. */
            readonly metrics: components["schemas"]["AgentMetrics"];
        };
        /** @description What an agent did today. A call counts once the agent has let go of it. */
        readonly AgentMetrics: {
            /**
             * Format: int64
             * @description Calls answered.
             */
            readonly answered: number;
            /** @description How long those callers had waited on average whom the agent answered. */
            readonly averageWaitSeconds?: components["schemas"]["Seconds"];
            /** @description How long the agent left callers on hold. */
            readonly holdSeconds: components["schemas"]["Seconds"];
            /**
             * Format: int64
             * @description How often the phone rang out.
             */
            readonly missed: number;
            /**
             * Format: double
             * @description The part of the time the agent was available that went into calls. Left out where they were
             *     not available today.
             */
            readonly occupancy?: number;
            /**
             * Format: int64
             * @description How often the agent's phone rang.
             */
            readonly offered: number;
            /** @description How long the agent talked. */
            readonly talkSeconds: components["schemas"]["Seconds"];
            /** @description How long the agent had to wrap up. */
            readonly wrapUpSeconds: components["schemas"]["Seconds"];
        };
        /** @description The figures of every agent whom an event named today. */
        readonly AgentsMetrics: {
            /** @description The agents, by id. */
            readonly agents: readonly components["schemas"]["AgentFigures"][];
            /** @description The moment they are true for. */
            readonly asOf: components["schemas"]["Moment"];
            /** @description How each figure is computed, by its name. */
            readonly formulas: {
                readonly [key: string]: components["schemas"]["FigureFormula"];
            };
            /** @description Whose midnight the day begins with: an IANA name. */
            readonly timeZone: string;
        };
        /**
         * @description What an agent is doing.
         * @enum {string}
         */
        readonly AgentState: "idle" | "offered" | "on_call" | "wrapping" | "unreachable";
        /** @description `agent_update`: something changed for an agent. */
        readonly AgentUpdate: components["schemas"]["Agent"] & {
            /** @description The update's place among all updates, to come back with in `after`. Opaque. */
            readonly position: string;
        };
        /** @description A broken promise that someone should look at. */
        readonly Alert: {
            /** @description When somebody took note. */
            readonly acknowledgedAt?: components["schemas"]["Moment"];
            /** @description Who took note. */
            readonly acknowledgedBy?: string;
            /** @description The call it is about. */
            readonly callId: string;
            /** @description Unique among alerts. */
            readonly id: string;
            /** @description What happened, in a sentence. */
            readonly message: string;
            /** @description When it was raised. */
            readonly raisedAt: components["schemas"]["Moment"];
            /** @description `sla_breached`, `wait_exceeded`, `hold_exceeded` or `no_agent`. */
            readonly rule: string;
        };
        /** @description `alert_update`: an alert was raised, or somebody took note of it. */
        readonly AlertUpdate: components["schemas"]["Alert"] & {
            /** @description The update's place among all updates, to come back with in `after`. Opaque. */
            readonly position: string;
        };
        /** @description The answer to one event of a batch. */
        readonly BatchAnswer: {
            /** @description The recorded event. */
            readonly event?: components["schemas"]["CallEvent"];
            /** @description Why it was not recorded. */
            readonly problem?: components["schemas"]["Problem"];
            /** @description It was recorded already, by an earlier request with the same key. */
            readonly replayed?: boolean;
            /**
             * Format: int32
             * @description The status the event would have got by itself.
             */
            readonly status: number;
        };
        /** @description A call as it stands after its last recorded event. */
        readonly Call: {
            /** @description Whose phone rings, or who talks or last talked. */
            readonly agentId?: string;
            /** @description When it ended. */
            readonly endTime?: components["schemas"]["Moment"];
            /** @description Every flag its events raised, in order. */
            readonly flags: readonly components["schemas"]["Flag"][];
            /** @description While it is on hold: when the promise to come back runs out, or ran out. */
            readonly holdDueAt?: components["schemas"]["Moment"];
            /** @description The id its source gave it. */
            readonly id: string;
            /**
             * Format: int32
             * @description The number of the offer that stands, while a phone rings.
             */
            readonly offer?: number;
            /**
             * Format: int32
             * @description A higher one is offered to agents first, 0 to 9. Left out where it is 0.
             */
            readonly priority?: number;
            /** @description The queue it waits in or was answered from. */
            readonly queueId: string;
            /** @description While a phone rings: when it stops. */
            readonly ringDueAt?: components["schemas"]["Moment"];
            /** @description While it waits: when the promise to answer runs out, or ran out. */
            readonly slaDueAt?: components["schemas"]["Moment"];
            /** @description When it began. */
            readonly startTime: components["schemas"]["Moment"];
            /** @description What it is doing. */
            readonly status: components["schemas"]["CallStatus"];
            /** @description Voice or video. */
            readonly type: components["schemas"]["CallType"];
            /**
             * Format: int32
             * @description The `seq` of its last event. A higher version is newer.
             */
            readonly version: number;
        };
        /** @description How many calls fit a filter: all open ones, and some of those that ended last. */
        readonly CallCounts: {
            /**
             * Format: int64
             * @description Calls in which caller and agent talk.
             */
            readonly active: number;
            /** @description When they were counted, by the server's clock. */
            readonly asOf: components["schemas"]["Moment"];
            /**
             * Format: int64
             * @description Calls that ended, among the `endedMax` newest that did.
             */
            readonly ended: number;
            /**
             * Format: int64
             * @description As many ended calls were looked at, at most.
             */
            readonly endedMax: number;
            /**
             * Format: int64
             * @description Calls on hold.
             */
            readonly onHold: number;
            /**
             * Format: int64
             * @description Of those that wait: calls whose agent's phone rings.
             */
            readonly ringing: number;
            /**
             * Format: int64
             * @description Calls that wait, those whose agent's phone rings among them.
             */
            readonly waiting: number;
        };
        /** @description One event of a call's history. */
        readonly CallEvent: {
            /** @description The call it belongs to. */
            readonly callId: string;
            /** @description Unique among all events. */
            readonly id: string;
            /**
             * @description What was reported, and what the rules added: `flags`, `offer`, and for a timer `dueAt` and
             *     `lateMs`.
             */
            readonly metadata?: components["schemas"]["Metadata"];
            /** @description When it happened, where its source said so. */
            readonly occurredAt?: components["schemas"]["Moment"];
            /**
             * Format: int32
             * @description Its place in the call's history: 1, 2, 3 ... without gaps.
             */
            readonly seq: number;
            /** @description When it was recorded. */
            readonly timestamp: components["schemas"]["Moment"];
            /** @description What happened. */
            readonly type: components["schemas"]["EventType"];
        };
        /** @description What open calls are doing now. */
        readonly CallsNow: {
            /**
             * Format: int64
             * @description Callers who talk with an agent.
             */
            readonly active: number;
            /** @description How long the one has waited who has waited longest. */
            readonly longestWaitSeconds?: components["schemas"]["Seconds"];
            /**
             * Format: int64
             * @description Callers on hold.
             */
            readonly onHold: number;
            /**
             * Format: int64
             * @description Those of them for whom a phone rings.
             */
            readonly ringing: number;
            /**
             * Format: int64
             * @description Callers who wait, ringing included.
             */
            readonly waiting: number;
            /** @description Since when, for a clock that goes on. */
            readonly waitingSince?: components["schemas"]["Moment"];
        };
        /**
         * @description What a call is doing.
         * @enum {string}
         */
        readonly CallStatus: "waiting" | "active" | "on_hold" | "ended";
        /**
         * @description `call_status_update`: one per recorded event. It carries the whole call, so that whoever gets it
         *     needs nothing else; one whose `seq` is not above the `version` already known is old news.
         */
        readonly CallStatusUpdate: {
            /** @description The whole call, just after the event. */
            readonly call: components["schemas"]["Call"];
            /** @description The call. */
            readonly callId: string;
            /** @description What happened. */
            readonly eventType: components["schemas"]["EventType"];
            /** @description The queue the call left with this event, where it changed queues. */
            readonly leftQueueId?: string;
            /** @description The metadata of the event. */
            readonly metadata?: components["schemas"]["Metadata"];
            /** @description The update's place among all updates, to come back with in `after`. Opaque. */
            readonly position: string;
            /**
             * Format: int32
             * @description The event's place in the call's history.
             */
            readonly seq: number;
            /** @description Its status just after the event. */
            readonly status: components["schemas"]["CallStatus"];
            /** @description When it was recorded. */
            readonly timestamp: components["schemas"]["Moment"];
        };
        /**
         * @description The medium of a call.
         * @enum {string}
         */
        readonly CallType: "voice" | "video";
        /**
         * @description Why a call ended.
         * @enum {string}
         */
        readonly EndReason: "completed" | "abandoned" | "failed";
        /**
         * @description What an event says happened.
         * @enum {string}
         */
        readonly EventType: "call_initiated" | "call_routed" | "call_answered" | "call_hold" | "call_resumed" | "call_transferred" | "call_ended" | "call_retransfer" | "sla_breached" | "hold_exceeded" | "survey_requested";
        /** @description How a figure is computed. */
        readonly FigureFormula: {
            /** @description In the words of the other figures. */
            readonly formula: string;
            /** @description Who computes it so. */
            readonly source: string;
            /** @description `calls`, `seconds` or `rate`. */
            readonly unit: string;
        };
        /** @description What happened within some time. */
        readonly Figures: {
            /**
             * Format: int64
             * @description Waits that ended with the call.
             */
            readonly abandoned: number;
            /** @description Average handle time: talk, hold and wrap-up. */
            readonly ahtSeconds?: components["schemas"]["Seconds"];
            /**
             * Format: int64
             * @description Waits that were answered.
             */
            readonly answered: number;
            /** @description Average speed of answer. */
            readonly asaSeconds?: components["schemas"]["Seconds"];
            /** @description How long a hold lasted on average. */
            readonly averageHoldSeconds?: components["schemas"]["Seconds"];
            /** @description How long the longest hold lasted. */
            readonly longestHoldSeconds?: components["schemas"]["Seconds"];
            /**
             * Format: int64
             * @description Callers who began to wait.
             */
            readonly offered: number;
            /**
             * Format: double
             * @description The part of the phones that rang out, of those that rang out or were answered.
             */
            readonly ringNoAnswerRate?: number;
            /**
             * Format: double
             * @description The part of the callers who were served in time, by the formula named in `formula`.
             */
            readonly serviceLevel?: number;
            /**
             * Format: int64
             * @description Those of them that were shorter than `shortAbandonSeconds`.
             */
            readonly shortAbandoned: number;
            /**
             * Format: double
             * @description The part of the answered calls that were passed on.
             */
            readonly transferRate?: number;
            /** @description Within how many seconds so many of a hundred answered callers were answered. */
            readonly waitSeconds?: components["schemas"]["WaitPercentiles"];
        };
        /** @description A rule that was broken. */
        readonly Flag: {
            /** @description What happened, in a sentence. */
            readonly message: string;
            /** @description `sla_breached`, `wait_exceeded`, `hold_exceeded`, `short_call`, `clock_ahead` or `no_agent`. */
            readonly rule: string;
        };
        /**
         * @description An event as a client sends it, in the canonical form. Which fields are needed depends on
         *     `event`.
         */
        readonly Incoming: {
            /** @description `call_routed`, `call_transferred`, and where it is known `call_answered`: the agent. */
            readonly agentId?: string;
            /** @description The call: 1 to 255 characters, none of them a control character. */
            readonly callId: string;
            /**
             * Format: double
             * @description `call_ended`: seconds the call lasted.
             */
            readonly duration?: number;
            /** @description `call_ended`: `completed`, `abandoned` or `failed`. */
            readonly endReason?: components["schemas"]["EndReason"];
            /**
             * @description `call_initiated`, `call_routed`, `call_answered`, `call_hold`, `call_resumed`,
             *     `call_transferred` or `call_ended`.
             */
            readonly event: string;
            /** @description Makes a repeat harmless: the same event again gets the same answer, and nothing is recorded. */
            readonly eventId?: string;
            /**
             * Format: double
             * @description `call_hold`: seconds the hold lasts.
             */
            readonly holdDuration?: number;
            /** @description `call_transferred`: `blind` or `attended`. */
            readonly kind?: string;
            /**
             * Format: date-time
             * @description When it happened, where that is not now: ISO 8601.
             */
            readonly occurredAt?: string;
            /**
             * Format: int32
             * @description `call_answered`: the number of the offer that is answered.
             */
            readonly offer?: number;
            /**
             * Format: int32
             * @description `call_initiated`: 0 to 9; a higher one is offered to agents first. Default 0.
             */
            readonly priority?: number;
            /** @description `call_initiated`, `call_transferred`: the queue. */
            readonly queueId?: string;
            /**
             * Format: double
             * @description `call_routed`: seconds it took to choose the agent.
             */
            readonly routingTime?: number;
            /** @description `call_initiated`: `voice` or `video`. */
            readonly type?: components["schemas"]["CallType"];
            /**
             * Format: double
             * @description `call_answered`: seconds the caller waited.
             */
            readonly waitTime?: number;
        };
        /** @description The figures of a quarter of an hour. */
        readonly IntervalFigures: components["schemas"]["Figures"] & {
            /** @description When it begins. */
            readonly start: components["schemas"]["Moment"];
        };
        /** @description One thing that is wrong with a payload. */
        readonly Issue: {
            /** @description A word for programs, which never changes: `invalid_type`, `too_small`, `unknown_queue` ... */
            readonly code: string;
            /** @description What is wrong and what would be right. */
            readonly message: string;
            /** @description The keys that lead to the field; empty for the whole payload. */
            readonly path: readonly string[];
        };
        /** @description Who the server takes a client for, and what it may do. */
        readonly Me: {
            /** @description The roles whose work it may do. */
            readonly may: readonly components["schemas"]["Role"][];
            /** @description The key's name; `API_KEY` or `READ_KEY` for one of those; `anyone` without a key. */
            readonly name: string;
            /** @description The key's role; `open` without a key, where reading needs none. */
            readonly role: components["schemas"]["Role"];
        };
        readonly Metadata: {
            readonly [key: string]: unknown;
        };
        /** @description `metrics_update`: how queues stand, at most once a second, and only when something changed. */
        readonly MetricsUpdate: {
            /** @description The moment it is true for. */
            readonly asOf: components["schemas"]["Moment"];
            /** @description How the service level is computed. */
            readonly formula: components["schemas"]["ServiceLevelFormula"];
            /** @description The update's place among all updates. Opaque. */
            readonly position: string;
            /** @description The queues that are followed, by id. */
            readonly queues: readonly components["schemas"]["QueueFigures"][];
            /** @description Who gave up sooner did not really wait. */
            readonly shortAbandonSeconds: components["schemas"]["Seconds"];
            /** @description Whose midnight the day begins with: an IANA name. */
            readonly timeZone: string;
            /** @description All of them together. */
            readonly total: components["schemas"]["TotalFigures"];
        };
        /**
         * Format: date-time
         * @description ISO 8601, UTC, with milliseconds and `Z`.
         */
        readonly Moment: string;
        /** @description Why something is done on purpose. */
        readonly OnPurpose: {
            /** @description Why: 1 to 255 characters. */
            readonly reason: string;
        };
        /**
         * @description What an agent says.
         * @enum {string}
         */
        readonly Presence: "available" | "away" | "offline";
        /** @description What an agent is said to be, by somebody else. */
        readonly PresenceChange: {
            /** @description Whether they take calls from now on. */
            readonly presence: components["schemas"]["Presence"];
            /** @description Why: 1 to 255 characters. It is shown with the presence. */
            readonly reason: string;
        };
        /**
         * @description A failed request: RFC 9457 (`application/problem+json`), and `message` for clients that knew
         *     this service before it.
         */
        readonly Problem: {
            /** @description A word for programs, which never changes. */
            readonly code: string;
            /** @description What happened here, for a person. */
            readonly detail: string;
            /** @description What is wrong with the payload, field by field. */
            readonly issues?: readonly components["schemas"]["Issue"][];
            /** @description The same sentence as `detail`, or the fixed one that older clients know. */
            readonly message: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            readonly status: number;
            /** @description The kind of problem, in a few words. */
            readonly title: string;
            /** @description Where the code is explained. */
            readonly type: string;
        };
        /**
         * @description A promise that a timer keeps.
         * @enum {string}
         */
        readonly Promised: "sla" | "ring" | "hold";
        /** @description A queue and what it promises its callers. */
        readonly Queue: {
            /** @description Its id. */
            readonly id: string;
            /** @description How long a caller may be left on hold. */
            readonly maxHoldSeconds: components["schemas"]["Seconds"];
            /**
             * Format: int32
             * @description How many times a call is offered anew after nobody answered, before supervisors are told.
             */
            readonly maxReroutes: number;
            /** @description Its name for people. */
            readonly name: string;
            /** @description How long an agent's phone rings before the call goes back to waiting. */
            readonly ringSeconds: components["schemas"]["Seconds"];
            /** @description Calls shorter than this are flagged. */
            readonly shortCallSeconds: components["schemas"]["Seconds"];
            /** @description How long a caller may wait to be answered. */
            readonly slaSeconds: components["schemas"]["Seconds"];
            /** @description How long an agent has to wrap up a call before the next one is offered. */
            readonly wrapUpSeconds: components["schemas"]["Seconds"];
        };
        /**
         * @description What to change of a queue, or how a new one shall be. What is left out stays, or takes its
         *     default.
         */
        readonly QueueChange: {
            /** @description Default 60. */
            readonly maxHoldSeconds?: components["schemas"]["Seconds"];
            /**
             * Format: int32
             * @description Default 3.
             */
            readonly maxReroutes?: number;
            /** @description Its name for people; at first its id. */
            readonly name?: string;
            /** @description Default 15. */
            readonly ringSeconds?: components["schemas"]["Seconds"];
            /** @description Default 10. */
            readonly shortCallSeconds?: components["schemas"]["Seconds"];
            /** @description Default 30. */
            readonly slaSeconds?: components["schemas"]["Seconds"];
            /** @description Default 0. */
            readonly wrapUpSeconds?: components["schemas"]["Seconds"];
        };
        /** @description How a queue stands. */
        readonly QueueFigures: {
            /** @description In the last four whole quarters of an hour and the one that runs. */
            readonly lastHour: components["schemas"]["Figures"];
            /** @description Its name for people. */
            readonly name: string;
            /** @description Now. */
            readonly now: components["schemas"]["CallsNow"];
            /** @description The queue. */
            readonly queueId: string;
            /** @description What counts as in time: its `slaSeconds`. */
            readonly targetSeconds: components["schemas"]["Seconds"];
            /** @description Since midnight in `timeZone`. */
            readonly today: components["schemas"]["Figures"];
        };
        /** @description How a queue stands, and its day by quarters of an hour. */
        readonly QueueMetrics: components["schemas"]["QueueFigures"] & {
            /** @description Every quarter of an hour since midnight, the one that runs included. */
            readonly intervals: readonly components["schemas"]["IntervalFigures"][];
        };
        /** @description The figures of queues. */
        readonly QueuesMetrics: {
            /** @description The moment they are true for. */
            readonly asOf: components["schemas"]["Moment"];
            /** @description How `serviceLevel` is computed. */
            readonly formula: components["schemas"]["ServiceLevelFormula"];
            /** @description How each figure is computed, by its name. */
            readonly formulas: {
                readonly [key: string]: components["schemas"]["FigureFormula"];
            };
            /** @description The queues, by id. */
            readonly queues: readonly components["schemas"]["QueueMetrics"][];
            /** @description Who gives up within less than so many seconds is counted as `shortAbandoned`. */
            readonly shortAbandonSeconds: components["schemas"]["Seconds"];
            /** @description Whose midnight `today` begins with: an IANA name. */
            readonly timeZone: string;
            /** @description All of them together. */
            readonly total: components["schemas"]["TotalMetrics"];
        };
        /** @description Where a caller who waits shall go: to one agent, or into one queue. */
        readonly Reassignment: {
            /** @description The agent whose phone shall ring now. */
            readonly agentId?: string;
            /** @description The queue to wait in. */
            readonly queueId?: string;
            /** @description Why: 1 to 255 characters. */
            readonly reason: string;
        };
        /** @description `resync`: updates were missed; fetch again. */
        readonly Resync: {
            /** @description Where updates go on. */
            readonly position: string;
            /** @description Why. */
            readonly reason: string;
        };
        /**
         * @description What a key is for.
         * @enum {string}
         */
        readonly Role: "open" | "read" | "ingest" | "supervise" | "admin";
        /** @description Seconds; fractions allowed. */
        readonly Seconds: number;
        /**
         * @description The ways to compute a service level. Each contact centre has one in its contracts.
         * @enum {string}
         */
        readonly ServiceLevelFormula: "sl_answered" | "sl_both" | "sl_queue_exit" | "sl_offered" | "sl_offered_noshort";
        /** @description `subscribe_agents`: every agent, as they change. */
        readonly SubscribeAgents: {
            /** @description The last position heard. */
            readonly after?: string;
        };
        /** @description `subscribe_alerts`: every alert, raised or acknowledged. */
        readonly SubscribeAlerts: {
            /** @description The last position heard. */
            readonly after?: string;
        };
        /** @description `subscribe_calls`: updates of one queue, or of all calls. */
        readonly SubscribeCalls: {
            /** @description The last position heard. */
            readonly after?: string;
            /** @description The queue; all calls where it is left out. */
            readonly queueId?: string;
        };
        /** @description What a subscription is acknowledged with. */
        readonly Subscribed: {
            /** @description Where the subscription begins. */
            readonly position: string;
            /** @description Everything missed since `after` follows, in order. Where it is false, fetch again. */
            readonly recovered: boolean;
        };
        /** @description `subscribe_metrics`: the figures of one queue, or of all. */
        readonly SubscribeMetrics: {
            /** @description The queue; all of them where it is left out. */
            readonly queueId?: string;
        };
        /** @description How all queues of an answer stand together. Each call is judged by the target of its own queue. */
        readonly TotalFigures: {
            /** @description In the last four whole quarters of an hour and the one that runs. */
            readonly lastHour: components["schemas"]["Figures"];
            /** @description Now. */
            readonly now: components["schemas"]["CallsNow"];
            /** @description Since midnight in `timeZone`. */
            readonly today: components["schemas"]["Figures"];
        };
        /** @description All of them together, and their day by quarters of an hour. */
        readonly TotalMetrics: components["schemas"]["TotalFigures"] & {
            /** @description Every quarter of an hour since midnight, the one that runs included. */
            readonly intervals: readonly components["schemas"]["IntervalFigures"][];
        };
        /** @description An event as it was understood. */
        readonly Understood: {
            readonly callId: string;
            readonly event: string;
            readonly metadata: components["schemas"]["Metadata"];
        };
        /** @description Percentiles of waits that were answered: the nearest rank, in whole seconds, rounded up. */
        readonly WaitPercentiles: {
            /**
             * Format: int32
             * @description Half of the callers.
             */
            readonly p50: number;
            /**
             * Format: int32
             * @description 90 of a hundred.
             */
            readonly p90: number;
            /**
             * Format: int32
             * @description 95 of a hundred.
             */
            readonly p95: number;
            /**
             * Format: int32
             * @description 99 of a hundred.
             */
            readonly p99: number;
        };
        /**
         * @description `warning`: a promise is about to be broken. It goes to whoever follows the call; nothing is
         *     recorded, and nobody is alerted.
         */
        readonly Warning: {
            /** @description The call. */
            readonly callId: string;
            /** @description When it will be broken. */
            readonly dueAt: components["schemas"]["Moment"];
            /** @description How much time is left, and what stands in the way. */
            readonly message: string;
            /** @description The update's place among all updates. Opaque. */
            readonly position: string;
            /** @description Which promise. */
            readonly promise: components["schemas"]["Promised"];
            /** @description Its queue. */
            readonly queueId: string;
            /**
             * Format: int32
             * @description The `version` of the call that is warned of.
             */
            readonly version: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly getActions: {
        readonly parameters: {
            readonly query?: {
                /** @description From the `Link` of the page before. */
                readonly cursor?: string;
                /** @description At most so many actions: 100 where it is left out, and never more than 1,000. */
                readonly limit?: string;
                /** @description Only what concerns this call, agent, queue, alert or key. */
                readonly target?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The actions. `Link` names the next page, if there is one. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Action"][];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getAgents: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The agents. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Agent"][];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getAgent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The agent. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The agent. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Agent"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such agent. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly putAgent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The agent. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AgentChange"];
            };
        };
        readonly responses: {
            /** @description The agent as they now are. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Agent"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postAgentFree: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The agent. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OnPurpose"];
            };
        };
        readonly responses: {
            /** @description The agent as they now are. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Agent"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such agent. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No open call names them. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postAgentHeartbeat: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The agent. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The agent as they now are. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Agent"];
                };
            };
            /** @description A heartbeat has no fields. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such agent. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postAgentPresence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The agent. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PresenceChange"];
            };
        };
        readonly responses: {
            /** @description The agent as they now are. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Agent"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such agent. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getAlerts: {
        readonly parameters: {
            readonly query?: {
                /** @description From the `Link` of the page before. */
                readonly cursor?: string;
                /** @description At most so many alerts: 100 where it is left out, and never more than 1,000. */
                readonly limit?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The alerts. `Link` names the next page, if there is one. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Alert"][];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postAlertAcknowledge: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The alert. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Acknowledgement"];
            };
        };
        readonly responses: {
            /** @description The alert. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getCalls: {
        readonly parameters: {
            readonly query?: {
                /** @description Only calls that name this agent. */
                readonly agentId?: string;
                /** @description From the `Link` of the page before. */
                readonly cursor?: string;
                /** @description Only calls with this flag; `any` for calls that have one. */
                readonly flag?: string;
                /** @description At most so many calls: 100 where it is left out, and never more than 1,000. */
                readonly limit?: string;
                /** @description Only calls of this queue. */
                readonly queueId?: string;
                /** @description `waiting`, `active`, `on_hold` or `ended`; `all` or nothing for all of them. */
                readonly status?: string;
                /** @description Only calls with this text in their id, queue or agent. */
                readonly text?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The calls. `Link` names the next page, if there is one. */
            readonly 200: {
                headers: {
                    /** @description Where calls are searched and there is a next page: when the last call began that was looked at. */
                    readonly "Searched-Back-To"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Call"][];
                };
            };
            /** @description The query is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getCall: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The call. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The call. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Call"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such call. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postCallEnd: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeat harmless. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The call. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OnPurpose"];
            };
        };
        readonly responses: {
            /** @description The call as it now stands. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Call"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such call. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The call is over already. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key was used for something else. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getCallEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description From the `Link` of the page before. */
                readonly cursor?: string;
                /** @description At most so many events; 10,000 where it is left out, and never more. */
                readonly limit?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The call. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The events. `Link` names the next page, if there is one. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["CallEvent"][];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such call. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postCallReassign: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeat harmless. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The call. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Reassignment"];
            };
        };
        readonly responses: {
            /** @description The call as it now stands. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Call"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such call, or no such agent. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The call does not wait, or cannot ring at that agent's. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key was used for something else. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getCounts: {
        readonly parameters: {
            readonly query?: {
                /** @description Only calls that name this agent. */
                readonly agentId?: string;
                /** @description Only calls with this flag; `any` for calls that have one. */
                readonly flag?: string;
                /** @description Only calls of this queue. */
                readonly queueId?: string;
                /** @description Only calls with this text in their id, queue or agent. */
                readonly text?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description How many. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CallCounts"];
                };
            };
            /** @description The query is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postEvents: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Makes a repeat harmless; wins over `eventId`. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Incoming"];
            };
        };
        readonly responses: {
            /** @description It is recorded. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CallEvent"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such call. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The call's state does not allow it. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key was used for another event. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The store is away, or too much waits. `Retry-After` says when to try again. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postEventsBatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": readonly components["schemas"]["Incoming"][];
            };
        };
        readonly responses: {
            /** @description One answer per event, in order. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["BatchAnswer"][];
                };
            };
            /** @description Not an array of events and not one event a line, or an `Idempotency-Key`. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly postEventsValidate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Incoming"];
            };
        };
        readonly responses: {
            /** @description It is valid. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Understood"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getMe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Who the server takes you for. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Me"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getMetricsAgents: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The figures. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AgentsMetrics"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getMetricsQueues: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description How the service level is computed: `sl_answered`, `sl_both`, `sl_queue_exit`, `sl_offered` or
                 *     `sl_offered_noshort`; by the setting `SERVICE_LEVEL_FORMULA` where it is left out.
                 */
                readonly formula?: string;
                /** @description Only this queue. */
                readonly queueId?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The figures. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["QueuesMetrics"];
                };
            };
            /** @description The query is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such queue. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getQueues: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The queues. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Queue"][];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getQueue: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The queue. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The queue. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Queue"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such queue. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly putQueue: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The queue. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["QueueChange"];
            };
        };
        readonly responses: {
            /** @description The queue as it now is. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Queue"];
                };
            };
            /** @description The payload is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A key is needed. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is for something else. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
