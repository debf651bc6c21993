//! `/api/metrics`: service figures of queues and of agents.

use axum::{extract::State, http::StatusCode, response::Response};
use contract::{AgentsMetrics, Problem as ProblemBody, QueuesMetrics, ServiceLevelFormula};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{Api, answer, problem::Problem, request::Asked};

/// Which figures.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    /// Only this queue.
    #[serde(alias = "queue_id", alias = "queue")]
    #[param(rename = "queueId")]
    queue_id: Option<String>,
    /// How the service level is computed: `sl_answered`, `sl_both`, `sl_queue_exit`, `sl_offered` or
    /// `sl_offered_noshort`; by the setting `SERVICE_LEVEL_FORMULA` where it is left out.
    formula: Option<String>,
}

/// The figures of queues: now, today, the last hour, and each quarter of an hour since midnight.
///
/// Each figure is told with its formula and whose definition it is. Another formula, or another
/// `slaSeconds` of a queue, holds for the past, too. What is reported late counts when it happened.
#[utoipa::path(get, path = "/api/metrics/queues", tag = "Figures", params(Filter),
    responses(
        (status = 200, description = "The figures.", body = QueuesMetrics),
        (status = 400, description = "The query is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such queue.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn queues(
    State(api): State<Api>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Problem> {
    let formula = formula(filter.formula.as_deref())?;
    let queue = filter.queue_id.filter(|queue| !queue.is_empty());
    if let Some(queue) = queue.as_deref().filter(|queue| !api.engine.is_queue(queue)) {
        let detail = format!("there is no queue `{queue}`; GET /api/queues lists them");
        return Err(Problem::new("queue_not_found", detail));
    }
    let metrics = api.engine.queue_metrics(queue.as_deref(), formula).await?;
    Ok(answer::json(StatusCode::OK, &metrics))
}

/// The figures of agents today, by id.
///
/// Every agent whom an event of today names is there, registered or not. What an agent did in a call
/// counts when the call is theirs no longer.
#[utoipa::path(get, path = "/api/metrics/agents", tag = "Figures",
    responses((status = 200, description = "The figures.", body = AgentsMetrics)))]
pub(crate) async fn agents(State(api): State<Api>) -> Result<Response, Problem> {
    Ok(answer::json(StatusCode::OK, &api.engine.agent_metrics().await?))
}

fn formula(given: Option<&str>) -> Result<Option<ServiceLevelFormula>, Problem> {
    match given {
        None | Some("") => Ok(None),
        Some(given) => ServiceLevelFormula::named(given).map(Some).ok_or_else(|| {
            let known = ServiceLevelFormula::ALL.map(|it| format!("`{}`", it.name())).join(", ");
            Problem::new("invalid_query", format!("`formula` is one of {known}"))
        }),
    }
}
