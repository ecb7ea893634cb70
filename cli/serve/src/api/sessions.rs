//! `/api/sessions`: states that are kept between requests.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::refusals::{OfAny, OfBody, OfName};
use super::wire::{LuaVersion, SessionAnswer, SessionRequest};
use super::{App, Caller, InUse, body};
use crate::problem::Problem;
use crate::snapshot;
use crate::store::{Created, Key, Session, now};

/// Letters of a session's name.
const NAME: usize = 64;

/// A session that a request uses.
pub struct Opened {
    in_use: InUse,
    pub lua: LuaVersion,
    pub version: i64,
    pub created: i64,
}

impl Opened {
    /// Which session it is.
    pub fn key(&self) -> &Key {
        &self.in_use.key
    }
}

/// Whether a name can be a session's.
fn is_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    first && rest && name.len() <= NAME
}

fn key(caller: &Caller, name: &str) -> Result<Key, Problem> {
    if is_name(name) {
        return Ok(Key { owner: caller.owner.clone(), name: name.into() });
    }
    let detail = format!(
        "a session's name has at most {NAME} letters, digits, dots, underscores and dashes, and begins with a letter or digit"
    );
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_name", detail))
}

/// Takes a session for a request, so that no other uses it meanwhile.
///
/// # Errors
/// The name is none, or another request uses it.
pub fn take(app: &App, caller: &Caller, name: &str) -> Result<InUse, Problem> {
    app.busy.take(&key(caller, name)?)
}

fn unknown(name: &str) -> Problem {
    let detail = format!("there is no session {name}; make it by POST /api/sessions");
    Problem::new(StatusCode::NOT_FOUND, "unknown_session", detail)
}

fn expired(name: &str) -> Problem {
    let detail =
        format!("the session {name} has expired, and its state is gone; make it anew by POST /api/sessions");
    Problem::new(StatusCode::GONE, "expired_session", detail)
}

/// The session, unless it has expired.
fn check(app: &App, name: &str, found: Option<Session>) -> Result<Session, Problem> {
    let session = found.ok_or_else(|| unknown(name))?;
    if session.expired.is_some() || expires(app, &session) <= now() {
        return Err(expired(name));
    }
    Ok(session)
}

fn expires(app: &App, session: &Session) -> i64 {
    let age = i64::try_from(app.options.sessions.age.as_millis()).unwrap_or(i64::MAX);
    session.used.saturating_add(age)
}

/// Opens a session that was taken, with its stored state.
///
/// # Errors
/// There is none, it has expired, or the database is away.
pub async fn open(app: &App, in_use: InUse) -> Result<(Opened, Option<Vec<u8>>), Problem> {
    let (session, state) = app.store.load(&in_use.key).await?.unzip();
    let session = check(app, &in_use.key.name, session)?;
    let lua = LuaVersion::named(&session.lua).ok_or_else(|| {
        let detail = format!("the session is of Lua {}, which this server does not have", session.lua);
        Problem::new(StatusCode::GONE, "session_unusable", detail)
    })?;
    let opened = Opened { in_use, lua, version: session.version, created: session.created };
    Ok((opened, state.flatten()))
}

/// A name that cannot be guessed.
fn fresh_name() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gives no random numbers");
        Problem::internal()
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn answer(app: &App, name: String, session: Session) -> SessionAnswer {
    SessionAnswer {
        name,
        created_ms: session.created,
        used_ms: session.used,
        expires_ms: expires(app, &session),
        lua: session.lua,
        version: session.version,
        bytes: session.bytes,
    }
}

/// Makes a session
///
/// It is empty, and is kept until it was not used for a time. Who knows its name can use it, or, where the server needs tokens, who
/// bears the token by which it was made.
#[utoipa::path(
    post,
    path = "/api/sessions",
    tag = "sessions",
    request_body = SessionRequest,
    responses(
        (status = 201, description = "It was made", body = SessionAnswer, headers(("Location" = String, description = "Its path"))),
        (status = 409, description = "There is one of that name", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "There is no room", body = Problem, content_type = "application/problem+json"),
        OfAny,
        OfBody,
    )
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let request: SessionRequest = body(request, &app.options.load).await?;
    let name = match request.name {
        Some(name) => name,
        None => fresh_name()?,
    };
    let in_use = take(&app, &caller, &name)?;
    let limits = &app.options.sessions;
    let lua = request.lua.unwrap_or_default().text();
    let client = caller.client.to_string();
    match app.store.create(&in_use.key, lua, &client, limits.of_client, limits.age).await? {
        Created::Done => {}
        Created::Exists => {
            let detail = format!("there is a session {name}; use it, or delete it first");
            return Err(Problem::new(StatusCode::CONFLICT, "session_exists", detail));
        }
        Created::TooMany => {
            let detail =
                format!("{client} has {} sessions, which is all that it may; delete one", limits.of_client);
            let retry = limits.age;
            return Err(Problem::passing(StatusCode::TOO_MANY_REQUESTS, "client_sessions", detail, retry));
        }
    }
    app.store.expire(limits.age, limits.number).await?;
    let session = check(&app, &name, app.store.find(&in_use.key).await?)?;
    let location =
        HeaderValue::from_str(&format!("/api/sessions/{name}")).map_err(|_| Problem::internal())?;
    let body = Json(answer(&app, name, session));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

/// Tells of a session
#[utoipa::path(
    get,
    path = "/api/sessions/{name}",
    tag = "sessions",
    params(("name" = String, Path, description = "Its name", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")),
    responses(
        (status = 200, description = "The session", body = SessionAnswer),
        (status = 410, description = "It has expired", body = Problem, content_type = "application/problem+json"),
        OfAny,
        OfName,
    )
)]
pub async fn find(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    name: Name,
) -> Result<Json<SessionAnswer>, Problem> {
    let key = key(&caller, &name.0)?;
    let session = check(&app, &key.name, app.store.find(&key).await?)?;
    Ok(Json(answer(&app, key.name, session)))
}

/// Deletes a session
#[utoipa::path(
    delete,
    path = "/api/sessions/{name}",
    tag = "sessions",
    params(("name" = String, Path, description = "Its name", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")),
    responses(
        (status = 204, description = "It is deleted"),
        (status = 409, description = "The session is in use", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "There is no room to note it", body = Problem, content_type = "application/problem+json"),
        OfAny,
        OfName,
    )
)]
pub async fn delete(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    name: Name,
) -> Result<StatusCode, Problem> {
    let in_use = take(&app, &caller, &name.0)?;
    if app.store.delete(&in_use.key).await? { Ok(StatusCode::NO_CONTENT) } else { Err(unknown(&name.0)) }
}

/// Gives the state of a session
///
/// It is a snapshot, which every host of Moonlet can restore.
#[utoipa::path(
    get,
    path = "/api/sessions/{name}/snapshot",
    tag = "sessions",
    params(("name" = String, Path, description = "Its name", pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")),
    responses(
        (status = 200, description = "The snapshot", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 204, description = "Nothing was run in it yet"),
        (status = 410, description = "It has expired, or is damaged", body = Problem, content_type = "application/problem+json"),
        OfAny,
        OfName,
    )
)]
pub async fn snapshot(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    name: Name,
) -> Result<Response, Problem> {
    let key = key(&caller, &name.0)?;
    let (session, state) = app.store.load(&key).await?.unzip();
    check(&app, &key.name, session)?;
    let Some(stored) = state.flatten() else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let bytes = snapshot::unpack(&stored).map_err(|why| {
        Problem::new(
            StatusCode::GONE,
            "session_unusable",
            format!("{why}; delete the session and make another"),
        )
    })?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// The name in the path.
pub struct Name(String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        name.map(|Path(name)| Self(name)).map_err(|_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "wrong_name",
                "the session's name in the path is no text in UTF-8",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_few_letters() {
        for name in ["a", "0", "a-b_c.d", &"x".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".a", "-a", "a b", "ä", "a/b", "a\n", &"x".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
