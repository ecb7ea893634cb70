//! The server: what answers which path, and the connections from their beginning to their end.

mod connections;
mod middle;
mod signals;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_http::cors::{AllowOrigin, CorsLayer};

pub use self::signals::Signals;
use crate::admission::Admission;
use crate::api::{App, Busy, Stopping, run, sessions};
use crate::clients::Clients;
use crate::compiled::Engines;
use crate::metrics::Metrics;
use crate::options::ServeOptions;
use crate::problem::Problem;
use crate::scheduler::Scheduler;
use crate::store::{Place, Store};
use crate::tokens::Tokens;
use crate::{openapi, site};

/// How often sessions are looked through for those that have expired.
const SWEEP: Duration = Duration::from_secs(30);
/// How long requests that were ended may take to be answered.
const FAREWELL: Duration = Duration::from_secs(2);

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    stopping: watch::Sender<Stopping>,
    connections: JoinHandle<()>,
    store: Arc<Store>,
    grace: Duration,
}

impl Server {
    /// Starts a server; it listens when this returns.
    ///
    /// # Errors
    /// The options, the database or the address cannot be used.
    pub async fn start(options: ServeOptions) -> anyhow::Result<Self> {
        let tokens = options.tokens.as_deref().map(Tokens::read).transpose()?;
        let cors = cors(&options.cors)?;
        // The port comes first: a server that is there already has the database.
        let listener =
            TcpListener::bind(options.listen).await.map_err(|error| unbound(options.listen, &error))?;
        let address = listener.local_addr()?;
        let store = Store::open(place(&options)?).await?;
        let cache = options.cache.clone();
        let engines = tokio::task::spawn_blocking(move || Engines::new(cache)).await??;
        if !address.ip().is_loopback() && tokens.is_none() {
            tracing::warn!(
                "whoever reaches {address} may run scripts; --tokens FILE lets in only who bears a token"
            );
        }
        let (stopping, stops) = watch::channel(Stopping::No);
        let (load, grace) = (options.load.clone(), options.grace);
        let threads = load.threads.map(|threads| threads as usize);
        let threads = threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
        let app = Arc::new(App {
            engines,
            scheduler: Scheduler::new(threads.unwrap_or(1)),
            admission: Admission::new(load.running, load.queue, load.wait),
            clients: Clients::new(load.client_running, load.client_rate),
            tokens,
            store: store.clone(),
            metrics: Metrics::default(),
            busy: Arc::new(Busy::default()),
            stopping: stops.clone(),
            is_local: address.ip().is_loopback() && !options.forwarded,
            options,
        });
        tokio::spawn(sweep(Arc::downgrade(&app)));
        let router = router(app.clone(), cors);
        let connections = tokio::spawn(connections::serve(listener, router, app, stops));
        Ok(Self { address, stopping, connections, store, grace })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a signal to stop, and stops. A second one ends at once what runs.
    pub async fn until_signal(self, mut signals: Signals) {
        signals.next().await;
        tracing::info!(
            "stopping; requests that run have {:?} to end, and a second signal ends them at once",
            self.grace
        );
        self.stop_sooner(signals.next()).await;
    }

    /// Takes no new connections, and waits for what runs, but not for ever.
    pub async fn stop(self) {
        self.stop_sooner(std::future::pending()).await;
    }

    /// The same, and waits no longer once `hurry` is there.
    async fn stop_sooner(mut self, hurry: impl Future<Output = ()>) {
        self.stopping.send_replace(Stopping::Gently);
        let ended = tokio::select! {
            _ = &mut self.connections => true,
            () = hurry => false,
            () = tokio::time::sleep(self.grace) => false,
        };
        if !ended {
            self.stopping.send_replace(Stopping::Now);
            if tokio::time::timeout(FAREWELL, &mut self.connections).await.is_err() {
                self.connections.abort();
            }
        }
        self.store.close().await;
        tracing::info!("stopped");
    }
}

fn unbound(address: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow!(
                "{address} is in use, perhaps by another moonlet; take another by --listen {}:PORT",
                address.ip()
            )
        }
        _ => anyhow!("{address} cannot be listened at: {error}; take another by --listen"),
    }
}

fn place(options: &ServeOptions) -> anyhow::Result<Place> {
    let limit = options.sessions.database_bytes;
    if let Some(name) = &options.database {
        return Ok(Place::new(name, limit));
    }
    let folder =
        dirs::data_dir().context("there is no folder for the user's data; name a file by --database")?;
    Ok(Place::Sqlite { file: folder.join("moonlet/sessions.db"), limit })
}

/// Which pages may call the API: none of other origins, unless they are named.
fn cors(origins: &[String]) -> anyhow::Result<Option<CorsLayer>> {
    if origins.is_empty() {
        return Ok(None);
    }
    let allowed =
        if origins.iter().any(|origin| origin == "*") {
            AllowOrigin::any()
        } else {
            let mut values = Vec::new();
            for origin in origins {
                let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
                let host = rest.filter(|host| !host.is_empty() && !host.contains('/'));
                let value = host.and_then(|_| HeaderValue::from_str(origin).ok());
                values.push(value.with_context(|| {
                    format!("--cors {origin}: write an origin such as https://example.org")
                })?);
            }
            AllowOrigin::list(values)
        };
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
        .expose_headers([header::LOCATION, header::RETRY_AFTER])
        .max_age(Duration::from_secs(3600));
    Ok(Some(layer))
}

/// What answers which path.
fn router(app: Arc<App>, cors: Option<CorsLayer>) -> Router {
    let api = Router::new()
        .route("/api/lua", post(run::run))
        .route("/api/sessions", post(sessions::create))
        .route("/api/sessions/{name}", get(sessions::find).delete(sessions::delete))
        .route("/api/sessions/{name}/snapshot", get(sessions::snapshot))
        .route("/api/{*rest}", axum::routing::any(no_path))
        .route_layer(middleware::from_fn_with_state(app.clone(), middle::admit))
        .route("/api/openapi.json", get(openapi::serve));
    let api = match cors {
        Some(cors) => api.layer(cors),
        None => api,
    };
    let metrics = Router::new()
        .route("/metrics", get(metrics))
        .route_layer(middleware::from_fn_with_state(app.clone(), middle::identify));
    Router::new()
        .merge(api)
        .merge(metrics)
        .route("/healthz", get(|| async { "healthy\n" }))
        .route("/readyz", get(ready))
        .fallback(site::serve)
        .layer(middleware::from_fn_with_state(app.clone(), middle::record))
        .with_state(app)
}

async fn no_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_path",
        "there is nothing at this path; /api/openapi.json lists what there is",
    )
}

/// Whether requests of all kinds can be carried out.
async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if *app.stopping.borrow() != Stopping::No {
        return Err(Problem::stopping());
    }
    app.store.ready()?;
    Ok("ready\n")
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    app.metrics.database_up.set(i64::from(app.store.ready().is_ok()));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}

/// Lets sessions expire, from time to time.
async fn sweep(app: std::sync::Weak<App>) {
    while let Some(app) = app.upgrade() {
        let limits = &app.options.sessions;
        // A database that is away has said so in the log.
        if let Ok(expired) = app.store.expire(limits.age, limits.number).await {
            if expired > 0 {
                tracing::info!(expired, "sessions expired");
            }
            if let Ok(count) = app.store.count().await {
                app.metrics.sessions.set(count);
            }
        }
        drop(app);
        tokio::time::sleep(SWEEP).await;
    }
}
