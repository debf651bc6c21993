//! Every word that leaves or enters a process: HTTP bodies, stored events, live updates.
//!
//! The API description and the `TypeScript` types are made from these types, so what is declared
//! here is what clients see. Each type says how it is written as JSON; what it means for a call is
//! decided in `lifecycle`.

mod access;
mod agent;
mod alert;
mod call;
mod counts;
mod event;
mod fields;
mod hands;
mod incoming;
mod issue;
mod metrics;
mod problem;
mod queue;
mod realtime;
mod time;

pub use access::{Action, Me, Role};
pub use agent::{Agent, AgentChange, AgentState, Presence, heartbeat};
pub use alert::{Acknowledgement, Alert};
pub use call::{Call, CallStatus, CallType, EndReason, Flag};
pub use counts::CallCounts;
pub use event::{CallEvent, EventType, Metadata, happening_metadata, same_payload};
pub use hands::{OnPurpose, PresenceChange, Reassignment, by_hand};
pub use incoming::{Incoming, IncomingEvent, Reported, decode, id_issue};
pub use issue::Issue;
pub use metrics::{
    AgentFigures, AgentMetrics, AgentsMetrics, CallsNow, FigureFormula, Figures, IntervalFigures,
    MetricsUpdate, QueueFigures, QueueMetrics, QueuesMetrics, ServiceLevelFormula,
    SubscribeMetrics, TotalFigures, TotalMetrics, WaitPercentiles,
};
pub use problem::{BatchAnswer, Problem};
pub use queue::{Queue, QueueChange, Seconds};
pub use realtime::{
    AgentUpdate, AlertUpdate, CallStatusUpdate, Promised, Resync, SubscribeAgents, SubscribeAlerts,
    SubscribeCalls, Subscribed, Warning,
};
pub use time::{Moment, parse_time};
