//! A server for HTTP/1.1 and HTTP/2, without TLS: both protocols of OTLP are answered by a function of a request.

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tonic::body::Body;

use super::arrival::Inbox;

/// How long a server waits that can't accept a connection: the process or the system has too many open files.
const FULL: Duration = Duration::from_secs(1);

/// Accepts connections, and answers their requests, as long as the runtime lives.
pub(super) async fn serve<F, A>(listener: TcpListener, inbox: Inbox, answer: F)
where
    F: Fn(Inbox, Request<Body>) -> A + Copy + Send + 'static,
    A: Future<Output = Response<Body>> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(FULL).await;
            continue;
        };
        let inbox = inbox.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer(inbox.clone(), request.map(Body::new));
            async { Ok::<_, Infallible>(answer.await) }
        });
        tokio::spawn(async move {
            // An error ends this connection alone, and its sender notices it too.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
