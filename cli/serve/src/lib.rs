//! `moonlet serve`: Lua over HTTP, in a sandbox.
//!
//! `POST /api/lua` runs a script, in a state of its own or in a session, which keeps its state between requests and restarts. The
//! playground's files are served beside it.
//!
//! A request travels so: [`server`] takes its connection and finds its path, after the limits of its client ([`clients`]) and its token
//! ([`tokens`]); [`api`] reads it, waits for a place ([`admission`]), and opens its session ([`store`]); [`scheduler`] lets the
//! [`script`] run in slices on a few threads; the next state of the session is stored, and then the answer sent.

#![warn(missing_docs)]

mod admission;
mod api;
mod clients;
mod compiled;
mod json;
mod metrics;
mod openapi;
mod options;
mod problem;
mod scheduler;
mod script;
mod server;
mod site;
mod snapshot;
mod store;
mod tokens;

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

pub use options::{LoadLimits, LogForm, ScriptLimits, ServeOptions, SessionLimits};
pub use server::Server;
use server::Signals;

/// Runs the server until a signal stops it.
///
/// # Errors
/// It cannot start: the address is in use, the database cannot be used, an option has a value that it cannot have.
pub fn serve(options: ServeOptions) -> anyhow::Result<()> {
    log(options.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the threads of the server cannot be started")?;
    let outcome = runtime.block_on(async {
        // Whoever reads that it listens may tell it to stop.
        let mut signals = Signals::new().context("signals cannot be waited for")?;
        let server = tokio::select! {
            server = Server::start(options) => server?,
            () = signals.next() => return Ok(()),
        };
        tracing::info!("listening at http://{}", server.address());
        server.until_signal(signals).await;
        Ok(())
    });
    // A script that nobody waits for does not keep the process.
    runtime.shutdown_background();
    outcome
}

/// The description of the API in OpenAPI 3.1, as JSON.
///
/// # Errors
/// None that can happen: it is what serde says of writing JSON.
pub fn openapi() -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&openapi::description())?)
}

/// Sends the log to standard error; `RUST_LOG` says how much of it.
fn log(form: LogForm) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A process that already has a log keeps it.
    let _ = match form {
        LogForm::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogForm::Json => log.json().flatten_event(true).with_target(false).try_init(),
    };
}
