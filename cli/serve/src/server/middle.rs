//! What is done with every request before and after it is answered.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::{App, Caller};
use crate::clients::Client;
use crate::metrics::{Answered, Refused};
use crate::problem::{Code, Problem};

/// The other end of the connection.
#[derive(Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The address of the client. What a proxy adds to the header is its last entry; the others are the client's own words.
fn client(app: &App, request: &Request) -> Client {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let told = if app.options.forwarded { forwarded(request.headers()) } else { None };
    told.or(peer).unwrap_or(IpAddr::from([0, 0, 0, 0])).into()
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

fn owner(app: &App, headers: &HeaderMap) -> Result<String, Problem> {
    app.tokens.as_ref().map_or(Ok(String::new()), |tokens| tokens.owner(headers).map(Into::into))
}

/// Whether a request to a server that only this machine reaches names that machine. A page from elsewhere can let a name of its own stand
/// for this machine, and so pass for one of the server's; it cannot change the name that the browser sends.
fn names_this(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let host = host.to_str().unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

/// Lets a request of the API in, within the limits of its client, and if it bears a token where one is needed.
pub async fn admit(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if app.is_local && !names_this(request.headers()) {
        let detail = "this server answers at localhost only; behind a proxy, start it with --forwarded";
        return Problem::new(StatusCode::FORBIDDEN, "wrong_host", detail).into_response();
    }
    let client = client(&app, &request);
    let admitted = match app.clients.admit(client) {
        Ok(admitted) => Arc::new(admitted),
        Err(problem) => return problem.into_response(),
    };
    // It comes second, so that guessing tokens is limited, too.
    let owner = match owner(&app, request.headers()) {
        Ok(owner) => owner,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(Caller { client, owner, _admitted: admitted });
    next.run(request).await
}

/// Lets a request in that bears a token where one is needed.
pub async fn identify(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match owner(&app, request.headers()) {
        Ok(_) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Counts a request, and writes it into the log.
pub async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let client = client(&app, &request);
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_string());
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let response = next.run(request).await;
    let (status, time) = (response.status().as_u16(), begun.elapsed());
    let code = response.extensions().get::<Code>().map(|code| code.0);
    if let Some(code) = code {
        app.metrics.refused.get_or_create(&Refused { code }).inc();
    }
    // Methods and paths that there are, so that no client fills the memory with labels.
    let known = match method.as_str() {
        method @ ("GET" | "HEAD" | "POST" | "DELETE" | "OPTIONS") => method,
        _ => "other",
    };
    let label = Answered { path: matched.unwrap_or_else(|| "other".into()), method: known.into(), status };
    app.metrics.requests.get_or_create(&label).inc();
    app.metrics.seconds.observe(time.as_secs_f64());
    tracing::info!(%client, %method, path, status, code, ms = time.as_secs_f64() * 1000.0, "request");
    response
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn this_machine_has_few_names() {
        let named = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            names_this(&headers)
        };
        for host in ["localhost", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]", "127.0.0.1"] {
            assert!(named(host), "{host}");
        }
        for host in
            ["example.org", "example.org:8080", "localhost.example.org", "", "127.0.0.1.example.org:80"]
        {
            assert!(!named(host), "{host}");
        }
    }
}
