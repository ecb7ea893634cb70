//! `POST /api/lua`: a script is run, in a state of its own or in a session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use tokio::sync::mpsc;

use super::refusals::{OfAny, OfBody};
use super::sessions::{Opened, open};
use super::stream;
use super::wire::{LuaVersion, RunAnswer, RunRequest, SessionNote};
use super::{App, Caller, Stopping, body};
use crate::admission::Place;
use crate::problem::Problem;
use crate::script::{Failure, Job, NotKept, Outcome, Output, Piece, Script, Stored, Ticket};
use crate::store::{Save, Saved};

/// Letters of a chunk's name.
const NAME: usize = 200;

/// A script in progress, with all that it holds until it is answered.
pub struct Running {
    ticket: Ticket,
    output: Arc<Output>,
    session: Option<Opened>,
    /// Held for as long.
    _place: Place,
    _caller: Caller,
}

/// Runs a script
///
/// With `Accept: text/event-stream` the answer is a stream of events: `output` and `error_output` with what is printed as it is printed,
/// then `answer` with the rest of the answer, or `problem`. A script that fails or is ended by its limits is answered with status 200 too, and `ok` is
/// false. In a session its state is stored before the answer is sent; requests of one session at the same time are refused with 409.
#[utoipa::path(
    post,
    path = "/api/lua",
    tag = "lua",
    request_body = RunRequest,
    responses(
        (status = 200, description = "The script ran, to its end or until its error or limit", content(
            (RunAnswer = "application/json"),
            (String = "text/event-stream"),
        )),
        (status = 404, description = "There is no such session", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The session is in use, or of another Lua", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The session has expired, or is of another build", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "There is no room for the session", body = Problem, content_type = "application/problem+json"),
        OfAny,
        OfBody,
    )
)]
pub async fn run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let streamed = wants_stream(request.headers());
    let request: RunRequest = body(request, &app.options.load).await?;
    let (running, pieces) = start(&app, caller, request, streamed).await?;
    match pieces {
        Some(pieces) => Ok(stream::answer(app, running, pieces)),
        None => Ok(Json(finish(&app, running).await?).into_response()),
    }
}

/// Whether the client asks for a stream of events.
fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|value| value.split(','));
    kinds.any(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream")
    })
}

/// Starts a script, if there is a place for it.
async fn start(
    app: &App,
    caller: Caller,
    request: RunRequest,
    streamed: bool,
) -> Result<(Running, Option<mpsc::UnboundedReceiver<Piece>>), Problem> {
    if request.name.as_ref().is_some_and(|name| name.chars().count() > NAME) {
        return Err(wrong(format!("`name` may have {NAME} letters")));
    }
    if [request.fuel, request.memory, request.timeout_ms].contains(&Some(0)) {
        return Err(wrong("limits of 0 let nothing run; leave them out for the server's own".into()));
    }
    let in_use = match &request.session {
        Some(name) => Some(super::sessions::take(app, &caller, name)?),
        None => None,
    };
    let place = app.admission.enter(&app.metrics).await?;
    let (session, stored) = match in_use {
        Some(in_use) => {
            let (opened, state) = open(app, in_use).await?;
            (Some(opened), Some(Stored { state, limit: app.options.sessions.bytes }))
        }
        None => (None, None),
    };
    let version = match (&session, request.lua) {
        (Some(session), Some(asked)) if asked != session.lua => {
            let detail = format!("the session is of Lua {}; leave `lua` out", session.lua.text());
            return Err(Problem::new(StatusCode::CONFLICT, "session_lua", detail));
        }
        (Some(session), _) => session.lua,
        (None, asked) => asked.unwrap_or_default(),
    };
    let limits = &app.options.script;
    let (output, pieces) = if streamed {
        let (output, pieces) = Output::listened(limits.output as usize);
        (output, Some(pieces))
    } else {
        (Output::new(limits.output as usize), None)
    };
    let output = Arc::new(output);
    let least = |asked: Option<u64>, limit: u64| asked.unwrap_or(limit).min(limit);
    let timeout = request.timeout_ms.map(Duration::from_millis).unwrap_or(limits.timeout).min(limits.timeout);
    let (job, ticket) = Job::new(Script {
        engine: app.engines.of(LuaVersion::into(version)).clone(),
        source: request.code,
        name: request.name.map_or_else(|| "=code".into(), |name| format!("@{name}")),
        input: request.input,
        fuel: least(request.fuel, limits.fuel),
        memory: least(request.memory, limits.memory),
        timeout,
        result: limits.result,
        output: output.clone(),
        session: stored,
    });
    app.scheduler.push(job);
    Ok((Running { ticket, output, session, _place: place, _caller: caller }, pieces))
}

fn wrong(detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_fields", detail)
}

/// Waits for the outcome, stores the session, and makes the answer.
pub async fn finish(app: &App, running: Running) -> Result<RunAnswer, Problem> {
    let Running { ticket, output, session, _place, _caller } = running;
    let mut stopping = app.stopping.clone();
    let outcome = tokio::select! {
        outcome = ticket.outcome() => outcome.ok_or_else(Problem::internal)?,
        _ = stopping.wait_for(|stopping| *stopping == Stopping::Now) => return Err(Problem::stopping()),
    };
    note(app, &outcome);
    let (outcome, state) = split(outcome);
    let session = match (session, state) {
        (Some(session), Some(state)) => Some(keep(app, session, state).await?),
        (Some(_), None) => {
            // The script did not begin, which the outcome says.
            None
        }
        (None, _) => None,
    };
    RunAnswer::new(outcome, output.take(), session).map_err(|failure| match failure {
        Failure::State(why) => {
            let detail = format!("the session cannot be taken up: {why}; delete it and make another");
            Problem::new(StatusCode::GONE, "session_unusable", detail)
        }
        Failure::Engine(why) => {
            tracing::error!(why, "a script could not be started");
            Problem::internal()
        }
        Failure::Script(_) => Problem::internal(),
    })
}

/// The outcome without the state of its session.
fn split(mut outcome: Outcome) -> (Outcome, Option<Result<Vec<u8>, NotKept>>) {
    let state = outcome.session.take();
    (outcome, state)
}

fn note(app: &App, outcome: &Outcome) {
    let how = match &outcome.result {
        Ok(_) => "ok",
        Err(Failure::Script(error)) => error.cause.text(),
        Err(Failure::State(_)) => "state",
        Err(Failure::Engine(_)) => "engine",
    };
    app.metrics.ended(how, outcome.time, outcome.fuel_used);
}

/// Stores the next state of a session.
async fn keep(app: &App, session: Opened, state: Result<Vec<u8>, NotKept>) -> Result<SessionNote, Problem> {
    let not_kept = |reason: String| SessionNote {
        name: session.key().name.clone(),
        version: session.version,
        kept: false,
        reason: Some(reason),
    };
    let state = match state {
        Ok(state) => Arc::new(state),
        Err(NotKept::Torn) => {
            return Ok(not_kept("the script had to be torn down, which damages its state".into()));
        }
        Err(NotKept::Large(bytes)) => {
            let limit = app.options.sessions.bytes;
            return Ok(not_kept(format!("its state takes {bytes} bytes, and may take {limit}")));
        }
    };
    let save = Save { key: session.key().clone(), version: session.version, created: session.created, state };
    let begun = Instant::now();
    let saved = app.store.save(save).await;
    app.metrics.store_seconds.observe(begun.elapsed().as_secs_f64());
    match saved? {
        Saved::Done => Ok(SessionNote {
            name: session.key().name.clone(),
            version: session.version + 1,
            kept: true,
            reason: None,
        }),
        Saved::Overtaken => {
            let detail = "the session was changed, deleted or has expired while the script ran, and is not as the script left it; look at it and send the request again";
            Err(Problem::new(StatusCode::CONFLICT, "session_overtaken", detail))
        }
    }
}
