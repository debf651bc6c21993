//! The description of the API: `OpenAPI` 3.1, made from the handlers and the types themselves.
//!
//! What is said over Socket.IO is described too, under `components.schemas`, so that one document is
//! the source of every client's types.

use axum::{
    http::StatusCode,
    response::{Html, Response},
};
use contract::{
    AgentUpdate, AlertUpdate, CallStatusUpdate, MetricsUpdate, Resync, SubscribeAgents,
    SubscribeAlerts, SubscribeCalls, SubscribeMetrics, Subscribed, Warning,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, PathItem, Ref, RefOr, Schema, SecurityRequirement,
        path::Operation,
        schema::{SchemaType, Type},
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use crate::{access, actions, agents, alerts, answer, calls, events, hands, metrics, queues};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = "Keeps the life of every voice and video call of a contact centre. \
                       Events come in, calls move by the rules, and whoever asked is told.\n\n\
                       Live updates are sent over Socket.IO 4 at `/socket.io`; their payloads are \
                       among the schemas: `CallStatusUpdate`, `AlertUpdate`, `AgentUpdate`, `Warning`, \
                       `MetricsUpdate`, `Resync`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        events::post::handle,
        events::batch::handle,
        events::validate::handle,
        calls::list::handle,
        calls::counts::handle,
        calls::get::handle,
        calls::history::handle,
        queues::list,
        queues::get,
        queues::put,
        agents::list,
        agents::get,
        agents::put,
        agents::heartbeat,
        hands::reassign,
        hands::end,
        hands::free,
        hands::presence,
        alerts::list,
        alerts::acknowledge,
        actions::list,
        access::me,
        metrics::queues,
        metrics::agents,
    ),
    components(schemas(
        CallStatusUpdate, AlertUpdate, AgentUpdate, MetricsUpdate, Warning, SubscribeCalls,
        SubscribeAlerts, SubscribeAgents, SubscribeMetrics, Subscribed, Resync
    )),
    modifiers(&Named, &Guarded, &NeverNull)
)]
struct Described;

/// Every operation has a name of its own, made from its path: `getCallEvents`.
struct Named;

/// Every operation says which key it wants.
struct Guarded;

/// What is optional is left out on this wire, never null.
struct NeverNull;

impl Modify for Named {
    fn modify(&self, described: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut described.paths.paths {
            for (method, operation) in operations(item) {
                operation.operation_id = Some(name(method, path));
            }
        }
    }
}

fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for segment in path.split('/').filter(|segment| !segment.is_empty() && *segment != "api") {
        if segment.starts_with('{') {
            // One of those that were named last.
            name.truncate(name.trim_end_matches('s').len());
            continue;
        }
        let (first, rest) = segment.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [("get", &mut item.get), ("put", &mut item.put), ("post", &mut item.post)];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

impl Modify for Guarded {
    fn modify(&self, described: &mut utoipa::openapi::OpenApi) {
        let header = ApiKeyValue::with_description(
            "X-API-Key",
            "A key made with `switchboard keys`, with the role that is needed, or one of \
             `API_KEY`; for reading, where `READ_KEY` is set, one of those serves too.",
        );
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        described.components.get_or_insert_default().add_security_scheme("key", scheme);
        let refused = |why: &str| {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            let mut refused = utoipa::openapi::Response::new(why);
            refused.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
            RefOr::T(refused)
        };
        for (_, operation) in described.paths.paths.values_mut().flat_map(operations) {
            let responses = &mut operation.responses.responses;
            responses.entry("401".to_owned()).or_insert_with(|| refused("A key is needed."));
            if operation.security.is_some() {
                let forbidden = || refused("The key is for something else.");
                responses.entry("403".to_owned()).or_insert_with(forbidden);
            }
            operation.security.get_or_insert_with(|| {
                let key = SecurityRequirement::new("key", Vec::<String>::new());
                vec![SecurityRequirement::default(), key]
            });
        }
    }
}

impl Modify for NeverNull {
    fn modify(&self, described: &mut utoipa::openapi::OpenApi) {
        for (_, operation) in described.paths.paths.values_mut().flat_map(operations) {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    parameter.schema.iter_mut().for_each(never_null);
                }
            }
        }
        if let Some(components) = &mut described.components {
            components.schemas.values_mut().for_each(never_null);
        }
    }
}

fn never_null(schema: &mut RefOr<Schema>) {
    let one_type = |of: &mut SchemaType| {
        if let SchemaType::Array(types) = of
            && let [only, Type::Null] = &types[..]
        {
            *of = SchemaType::Type(only.clone());
        }
    };
    match schema {
        RefOr::T(Schema::Array(array)) => {
            one_type(&mut array.schema_type);
            array.default = array.default.take().filter(|default| !default.is_null());
        }
        RefOr::T(Schema::Object(object)) => {
            one_type(&mut object.schema_type);
            object.default = object.default.take().filter(|default| !default.is_null());
            object.properties.values_mut().for_each(never_null);
        }
        RefOr::T(Schema::OneOf(one_of)) => {
            one_of.items.retain(|item| !is_null(item));
            one_of.items.iter_mut().for_each(never_null);
            if let [only] = &one_of.items[..] {
                *schema = only.clone();
            }
        }
        RefOr::T(Schema::AllOf(all_of)) => all_of.items.iter_mut().for_each(never_null),
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object))
        if object.schema_type == SchemaType::Type(Type::Null))
}

/// The document, as JSON for people and programs.
pub fn document() -> String {
    Described::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /api/openapi.json`.
pub(crate) async fn json() -> Response {
    answer::json(StatusCode::OK, &Described::openapi())
}

/// `GET /api/docs`: the same for people.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}
