//! Connections, from their beginning to their end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use super::middle::Peer;
use crate::api::{App, Stopping};
use crate::clients::Clients;
use crate::metrics::Counted;

/// How long a client may take to send the head of a request, and a connection may wait for the next.
const HEAD: Duration = Duration::from_secs(20);
/// How long to wait when the system gives no connection, as when all files are open.
const PAUSE: Duration = Duration::from_millis(50);
/// Clients that are told at once that there are too many, and how long that may take; others are just turned away.
const TOLD: usize = 64;
const TELLING: Duration = Duration::from_secs(1);
/// What a client gets that comes when there are too many.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
    Content-Type: text/plain\r\nContent-Length: 47\r\n\r\nThe server has too many connections; come back\n";

/// Takes connections until the server is stopped, then waits for those that have a request in progress.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    app: Arc<App>,
    mut stopping: watch::Receiver<Stopping>,
) {
    let places = Arc::new(Semaphore::new(app.options.load.connections as usize));
    let clients = Clients::new(app.options.load.client_connections, 0);
    let told = Arc::new(Semaphore::new(TOLD));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping != Stopping::No) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection could be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let held = if app.options.forwarded { None } else { Some(clients.admit(peer.ip().into())) };
        let (Ok(held), Ok(place)) = (held.transpose(), places.clone().try_acquire_owned()) else {
            if let Ok(place) = told.clone().try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(TELLING, refuse(stream)).await;
                    drop(place);
                });
            }
            continue;
        };
        // Answers are small, and written at once.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let router = router.clone();
            async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(Peer(peer));
                let Ok(response) = router.oneshot(request).await;
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        let counted = Counted::new(&app.metrics.connections);
        tokio::spawn(async move {
            // What goes wrong with a connection is the client's to notice.
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "a connection ended");
            }
            drop((place, held, counted));
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Turns a client away.
async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(FULL).await?;
    stream.shutdown().await?;
    // What is closed before all was read loses the answer on its way.
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
