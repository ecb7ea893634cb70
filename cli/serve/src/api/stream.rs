//! Answers as a stream of server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::mpsc;

use super::App;
use super::run::{Running, finish};
use super::wire::OutputEvent;
use crate::script::Piece;

/// Events that wait for a client that reads slowly.
const AHEAD: usize = 16;
/// How long a stream may be silent, before a comment keeps what is between from closing it.
const SILENCE: Duration = Duration::from_secs(10);

/// The stream of a script in progress. The script is ended when the client goes.
pub fn answer(app: Arc<App>, running: Running, pieces: mpsc::UnboundedReceiver<Piece>) -> Response {
    let (sender, receiver) = mpsc::channel::<Bytes>(AHEAD);
    tokio::spawn(async move {
        let client = sender.clone();
        tokio::select! {
            () = client.closed() => {}
            () = send_all(&app, running, pieces, sender) => {}
        }
    });
    let events = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|event| (Ok::<_, Infallible>(event), receiver))
    });
    let mut response = Body::from_stream(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn send_all(
    app: &App,
    running: Running,
    mut pieces: mpsc::UnboundedReceiver<Piece>,
    sender: mpsc::Sender<Bytes>,
) {
    let mut finished = std::pin::pin!(finish(app, running));
    let mut last = None;
    loop {
        tokio::select! {
            biased;
            piece = pieces.recv() => match piece {
                Some(Piece { error, text }) => {
                    let name = if error { "error_output" } else { "output" };
                    let _ = sender.send(event(name, &OutputEvent { text })).await;
                }
                None => break,
            },
            outcome = &mut finished, if last.is_none() => last = Some(outcome),
            () = tokio::time::sleep(SILENCE) => {
                let _ = sender.send(Bytes::from_static(b":\n\n")).await;
            }
        }
    }
    let outcome = match last {
        Some(outcome) => outcome,
        None => finished.await,
    };
    let last = match outcome {
        Ok(answer) => event("answer", &answer),
        Err(problem) => event("problem", &problem),
    };
    let _ = sender.send(last).await;
}

/// An event. JSON has no line ends, so its data is one line.
fn event(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into()
}
