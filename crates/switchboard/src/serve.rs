//! `switchboard serve`: everything in one process, on one port.

use std::{io::Write, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use api::{Access, Api, Keys, Parts};
use axum::Router;
use bus::Bus;
use engine::Engine;
use realtime::Gateway;
use store::AnyStore;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};
use tracing::{info, warn};

use crate::{api_key, clock::SystemClock, config::Serve, listen, logs, measured, stop};

const RECENT_BYTES_MAX: usize = 64 << 20;

/// So long the end waits for what nobody was promised: events without an answer yet, and tidying up.
/// With the default of `STOP_WITHIN_SECONDS` the whole takes less than 5 s.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);

/// Runs until it is asked to stop.
pub(crate) async fn run(settings: Serve) -> Result<(), String> {
    settings.check()?;
    logs::start(&settings.log_level, settings.log_format)?;
    let mut asked_to_stop = pin!(stop::listen()?);
    let measurements = measured::start()?;
    let store = tokio::select! {
        store = open_store(&settings) => store?,
        () = asked_to_stop.as_mut() => {
            info!("Stopped before it had begun");
            return Ok(());
        }
    };
    let api_keys = api_key::api_keys(settings.api_key.as_deref(), &settings.data)?;
    let read_keys = Keys::listed(settings.read_key.as_deref().unwrap_or_default());
    if settings.read_key.is_some() && read_keys.is_empty() {
        return Err("READ_KEY is set but holds no key; set one or unset it".to_owned());
    }
    let access = Arc::new(Access::new(api_keys.keys, read_keys));
    let following = access.follow(Arc::clone(&store)).await.map_err(|error| error.to_string())?;
    let bus = Arc::new(Bus::new(bus::Limits {
        announcements_max: settings.recent_updates_max as usize,
        bytes_max: RECENT_BYTES_MAX,
    }));
    let engine = Engine::start(Arc::clone(&store), Arc::clone(&bus), engine_settings(&settings))
        .await
        .map_err(|error| error.to_string())?;
    engine.watch();
    let gateway = gateway(&settings, &bus, &access);
    let keys = following.abort_handle();
    let gateway_stopped = gateway.stopped();
    let stopped =
        move || gateway_stopped().or_else(|| keys.is_finished().then_some("the reading of keys"));
    let api = Api::new(Parts {
        engine: Arc::clone(&engine),
        access: Arc::clone(&access),
        clock: Arc::new(SystemClock),
        measurements: Arc::new(move || {
            measurements.run_upkeep();
            measurements.render()
        }),
        stopped: Arc::new(stopped),
    });
    let router = router(&settings, api, &gateway)?;
    let limits = listen::Limits {
        connections_max: settings.connections_max,
        headers_within: Duration::from_secs(settings.headers_within_seconds.into()),
    };
    let address = SocketAddr::new(settings.host, settings.port);
    let listening = match listen::start(address, router, limits).await {
        Ok(listening) => listening,
        Err(problem) => {
            // The problem is the last word: nothing else has one while the process ends.
            following.abort();
            engine.close().await;
            return Err(problem);
        }
    };
    greet(&settings, listening.address, &store, &access, api_keys.kept.as_deref());

    asked_to_stop.await;
    info!("Stopping");
    let within = Duration::from_secs(settings.stop_within_seconds.into());
    // Nobody new is let in from here on. Whoever takes nothing holds up neither the other sockets nor
    // the requests.
    tokio::join!(gateway.close(within), listening.stop(within));
    following.abort();
    if tokio::time::timeout(CLOSED_WITHIN, engine.close()).await.is_err() {
        warn!("The store was not closed in time; what was acknowledged is on disk");
    }
    info!("Stopped");
    Ok(())
}

/// The store that the settings name.
pub(crate) async fn open_store(settings: &Serve) -> Result<AnyStore, String> {
    let audit_key = settings.audit_key.as_ref().map(|key| key.clone().into_bytes());
    let opened = match &settings.database_url {
        Some(url) => store::postgres::Postgres::open(url, None, audit_key)
            .await
            .map(|store| Arc::new(store) as AnyStore),
        None => store::sqlite::Sqlite::open(&settings.data, Arc::new(SystemClock), audit_key)
            .map(|store| Arc::new(store) as AnyStore),
    };
    let store = opened.map_err(|error| error.to_string())?;
    match store.audit_key().fault() {
        None => Ok(store),
        Some(fault) => {
            store.close().await;
            Err(fault.to_owned())
        }
    }
}

fn engine_settings(settings: &Serve) -> engine::Settings {
    engine::Settings {
        batch_max: settings.batch_events_max.into(),
        lane_depth_max: settings.lane_depth_max as usize,
        figures: engine::FigureSettings {
            zone: settings.time_zone.clone(),
            formula: settings.service_level_formula,
            short_abandon_seconds: settings.short_abandon_seconds,
        },
        ..engine::Settings::default()
    }
}

fn gateway(settings: &Serve, bus: &Arc<Bus>, access: &Arc<Access>) -> Gateway {
    let access = Arc::clone(access);
    let limits = realtime::Settings::default();
    let interest = realtime::InterestLimits {
        calls_max: settings.subscriptions_max as usize,
        ..limits.interest
    };
    let closed = !access.reads_openly();
    let check = move |key: &str| access.listener(key).map(realtime::Still::asking);
    let may_read = closed.then(|| realtime::ReadCheck::new(check));
    Gateway::new(Arc::clone(bus), realtime::Settings { may_read, interest, ..limits })
}

fn router(settings: &Serve, api: Api, gateway: &Gateway) -> Result<Router, String> {
    let router = api::router(api).merge(gateway.router());
    let Some(origins) = settings.allow_origins.as_deref() else { return Ok(router) };
    let layer = CorsLayer::new().allow_methods(Any).allow_headers(Any).expose_headers(Any);
    Ok(router.layer(layer.allow_origin(allowed(origins)?)))
}

fn allowed(origins: &str) -> Result<AllowOrigin, String> {
    if origins.trim() == "*" {
        return Ok(AllowOrigin::any());
    }
    let origins = origins.split(',').map(|origin| {
        let origin = origin.trim().trim_end_matches('/');
        let is_one = origin.split_once("://").is_some_and(|(scheme, host)| {
            !scheme.is_empty() && !host.is_empty() && !host.contains(['/', '*'])
        });
        origin.parse().ok().filter(|_| is_one).ok_or_else(|| {
            format!(
                "ALLOW_ORIGINS: `{origin}` is not an origin such as https://desk.example.com; `*` \
                 by itself allows all"
            )
        })
    });
    Ok(AllowOrigin::list(origins.collect::<Result<Vec<_>, _>>()?))
}

/// Says what runs, where, and how safe it is.
fn greet(
    settings: &Serve,
    address: SocketAddr,
    store: &AnyStore,
    access: &Access,
    kept: Option<&str>,
) {
    info!(address = %address, "Recording with {}", store.durability());
    if !address.ip().is_loopback() && access.reads_openly() {
        warn!("Anyone who reaches {address} can read every call: set READ_KEY to change that");
    }
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    // A reader that went away is no fault.
    let _ = writeln!(out, "Switchboard {version} listens on http://{address}");
    if let Some(kept) = kept {
        let file = settings.data.join("api-key.txt");
        let _ = writeln!(out, "API key: {kept} (kept in {})", file.display());
    }
    let _ = writeln!(out, "The API: http://{address}/api/docs · Ctrl-C stops it");
}
