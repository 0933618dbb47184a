//! An OTLP/gRPC receiver on a real socket: HTTP/2 without a gRPC library, so that it sees what a client really says.

use super::{Arrivals, Arrived};
use bytes::Bytes;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use tokio::io::{AsyncRead, AsyncWrite};

/// What the receiver answers each call with.
#[derive(Clone, Default)]
pub struct Answer {
    /// The message, if there is to be one.
    pub message: Option<Vec<u8>>,
    /// The trailers, with `grpc-status` among them; without any the call stays open.
    pub trailers: Vec<(&'static str, String)>,
}

pub struct Server {
    pub url: String,
    pub arrivals: Arrivals,
}

/// Success, with this message.
pub fn ok(message: &[u8]) -> Answer {
    Answer { message: Some(message.to_vec()), trailers: vec![("grpc-status", "0".to_owned())] }
}

/// A failure with this code.
pub fn code(code: u8) -> Answer {
    Answer { message: None, trailers: vec![("grpc-status", code.to_string())] }
}

impl Server {
    pub fn start(answer: Answer) -> Self {
        Self::start_each(vec![answer])
    }

    /// The first call gets the first answer, and so on; the last one is kept.
    pub fn start_each(answers: Vec<Answer>) -> Self {
        Self::with(answers, None)
    }

    /// Over TLS if there is a configuration.
    pub fn with(answers: Vec<Answer>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = super::url(tls.is_some(), listener.local_addr().unwrap());
        let arrivals = Arrivals::default();
        let keep = Arc::clone(&arrivals);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (answers, keep) = (answers.clone(), Arc::clone(&keep));
                    match tls.clone() {
                        None => drop(tokio::spawn(serve(stream, answers, keep))),
                        Some(tls) => drop(tokio::spawn(async move {
                            let stream = tokio_rustls::TlsAcceptor::from(tls).accept(stream).await.ok()?;
                            serve(stream, answers, keep).await
                        })),
                    }
                }
            });
        });
        Self { url, arrivals }
    }

    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrivals.lock().unwrap())
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, answers: Vec<Answer>, arrivals: Arrivals) -> Option<()> {
    let mut connection = h2::server::handshake(stream).await.ok()?;
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let (answers, arrivals) = (answers.clone(), Arc::clone(&arrivals));
        tokio::spawn(async move {
            let (head, mut body) = request.into_parts();
            let mut framed = Vec::new();
            while let Some(Ok(chunk)) = body.data().await {
                let _ = body.flow_control().release_capacity(chunk.len());
                framed.extend_from_slice(&chunk);
            }
            let mut lines = vec![format!("{} {}", head.method, head.uri.path())];
            lines.extend(head.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
            // Not compressed, and then the length (gRPC over HTTP2, "Length-Prefixed-Message").
            assert_eq!(framed[0], 0);
            let count = {
                let mut arrivals = arrivals.lock().unwrap();
                arrivals.push(Arrived { head: lines, message: framed[5..].to_vec() });
                arrivals.len()
            };
            let answer = answers.get(count - 1).or(answers.last()).cloned().unwrap_or_default();
            if answer.trailers.is_empty() {
                return std::future::pending().await;
            }
            let response = http::Response::builder().header("content-type", "application/grpc").body(()).unwrap();
            let mut stream = respond.send_response(response, false).unwrap();
            if let Some(message) = answer.message {
                let mut framed = vec![0];
                framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
                framed.extend_from_slice(&message);
                let _ = stream.send_data(Bytes::from(framed), false);
            }
            let trailers = answer.trailers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let _ = stream.send_trailers(trailers.collect());
        });
    }
    Some(())
}
