//! `/api/alerts`: broken promises, and who took note.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use contract::{Acknowledgement, Alert, Problem as ProblemBody};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use crate::{
    Api,
    access::Who,
    answer::{self, as_cursor, cursor, limit, page},
    body,
    problem::Problem,
    request::{Asked, Named},
};

const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// Which alerts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// At most so many alerts: 100 where it is left out, and never more than 1,000.
    limit: Option<String>,
    /// From the `Link` of the page before.
    cursor: Option<String>,
}

/// Alerts, the newest first.
#[utoipa::path(get, path = "/api/alerts", tag = "Alerts", params(Part),
    responses((status = 200, description = "The alerts. `Link` names the next page, if there is one.", body = [Alert])))]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
) -> Result<Response, Problem> {
    let limit = limit(part.limit.as_deref(), LIMIT, LIMIT_MAX)?;
    let mut found = api.engine.alerts(cursor(part.cursor.as_deref())?, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| more).map(|last| as_cursor(last.no));
    let next = last.map(|last| format!("/api/alerts?limit={limit}&cursor={last}"));
    let alerts = found.into_iter().map(|listed| listed.item).collect::<Vec<_>>();
    Ok(page(&alerts, next))
}

/// Take note of an alert.
///
/// Needs the role `supervise`. The first to do so stays; a repeat is answered with the alert as it is.
/// The reason, where there is one, is kept with the action in the record.
#[utoipa::path(post, path = "/api/alerts/{id}/acknowledge", tag = "Alerts", request_body = Acknowledgement,
    params(("id" = String, Path, description = "The alert.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The alert.", body = Alert),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such alert.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn acknowledge(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (_, asked) = body::asked(request).await?;
    let acknowledgement = Acknowledgement::read(&asked).map_err(Problem::invalid_payload)?;
    let Acknowledgement { by, reason } = acknowledgement;
    let by = by.unwrap_or_else(|| who.0.name.to_string());
    let mut action = who.does("alert_acknowledged", &id).with(&json!({ "by": by }));
    action.reason = reason;
    let alert = api.engine.acknowledge(&id, &by, action).await?;
    let alert = alert.ok_or_else(|| {
        Problem::new(
            "alert_not_found",
            format!("there is no alert `{id}`; GET /api/alerts lists them"),
        )
    })?;
    Ok(answer::json(StatusCode::OK, &alert))
}
