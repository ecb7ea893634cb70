//! The API: what each path does.

mod refusals;
pub mod run;
pub mod sessions;
mod stream;
pub mod wire;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::admission::Admission;
use crate::clients::{Admitted, Client, Clients};
use crate::compiled::Engines;
use crate::metrics::Metrics;
use crate::options::{LoadLimits, ServeOptions};
use crate::problem::Problem;
use crate::scheduler::Scheduler;
use crate::store::{Key, Store};
use crate::tokens::Tokens;

/// Bytes of a body over the limit that are read all the same, so that the client gets to read the answer.
const OVERFLOW: u64 = 256 << 20;
/// How long they are.
const OVERFLOW_TIME: Duration = Duration::from_secs(5);

/// What all requests share.
pub struct App {
    pub options: ServeOptions,
    pub engines: Engines,
    pub scheduler: Scheduler,
    pub admission: Admission,
    pub clients: Arc<Clients>,
    pub tokens: Option<Tokens>,
    pub store: Arc<Store>,
    pub metrics: Metrics,
    pub busy: Arc<Busy>,
    /// Whether only this machine reaches the server, without a proxy.
    pub is_local: bool,
    /// Whether the server is being stopped, and whether nothing more is waited for.
    pub stopping: watch::Receiver<Stopping>,
}

/// How far the server is in being stopped.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Stopping {
    No,
    /// What runs may end.
    Gently,
    /// What runs is ended.
    Now,
}

/// Who sent a request, as the middleware found out.
#[derive(Clone)]
pub struct Caller {
    pub client: Client,
    /// The name of its token; empty where there are none.
    pub owner: String,
    /// Held until the answer is complete.
    pub _admitted: Arc<Admitted>,
}

/// The sessions that are in use, each by one request.
#[derive(Default)]
pub struct Busy(Mutex<HashSet<Key>>);

/// The use of a session, until it is dropped.
pub struct InUse {
    busy: Arc<Busy>,
    key: Key,
}

impl Busy {
    /// Takes a session for a request.
    ///
    /// # Errors
    /// Another has it.
    pub fn take(self: &Arc<Self>, key: &Key) -> Result<InUse, Problem> {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return Ok(InUse { busy: self.clone(), key: key.clone() });
        }
        let detail = format!(
            "another request of the session {} is in progress; send this one when that is answered",
            key.name
        );
        let retry = Duration::from_secs(1);
        Err(Problem::passing(StatusCode::CONFLICT, "session_busy", detail, retry))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.busy.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// The body of a request, read as JSON.
///
/// # Errors
/// It is of another type, too large, too slow, no JSON, or not the JSON that is asked for.
pub async fn body<T: DeserializeOwned>(request: Request, limits: &LoadLimits) -> Result<T, Problem> {
    let (limit, time) = (limits.body, limits.body_time);
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "send JSON, and the header Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json_type", detail));
    }
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // Who asks first has sent nothing yet.
    let asks = request.headers().contains_key(header::EXPECT);
    let body = request.into_body();
    let too_large = || {
        let detail = format!("the body is larger than the {limit} bytes that it may have; send less code");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    };
    if declared.is_some_and(|length| length > limit) {
        if !asks {
            drain(body).await;
        }
        return Err(too_large());
    }
    let bytes = tokio::time::timeout(time, collect(body, limit)).await;
    let bytes = bytes.map_err(|_| {
        let detail = format!("the body did not arrive in {time:?}; send it at once");
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_slow", detail)
    })?;
    let Some(bytes) = bytes? else { return Err(too_large()) };
    parse(&bytes)
}

/// What is asked for, out of JSON.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let failed = |error: serde_json::Error| {
        if error.is_data() {
            let detail =
                format!("the JSON is not what this path takes: {error}; /api/openapi.json describes it");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_fields", detail)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "not_json", format!("the body is no JSON: {error}"))
        }
    };
    // serde takes an array for an object, too.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map_err(failed)?;
        let detail = "this path takes an object, not an array; /api/openapi.json describes it";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_fields", detail));
    }
    serde_json::from_slice(bytes).map_err(failed)
}

/// A body of at most so many bytes; none when it has more.
async fn collect(body: Body, limit: u64) -> Result<Option<Vec<u8>>, Problem> {
    let mut bytes = Vec::new();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece: Bytes = piece.map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "body_cut", "the connection ended before the body did")
        })?;
        if (bytes.len() + piece.len()) as u64 > limit {
            let rest = Body::from_stream(pieces);
            drain(rest).await;
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}

/// Reads on without keeping anything: a client that still sends would not see an answer.
async fn drain(body: Body) {
    let mut left = OVERFLOW;
    let read = async {
        let mut pieces = body.into_data_stream();
        while let Some(Ok(piece)) = pieces.next().await {
            left = left.saturating_sub(piece.len() as u64);
            if left == 0 {
                return;
            }
        }
    };
    // Whoever takes longer has to do without the answer.
    let _ = tokio::time::timeout(OVERFLOW_TIME, read).await;
}
