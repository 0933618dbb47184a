//! Serves quotes over HTTP: its traces go to the operator's Jaeger, its usage to a Collector, each by a pipeline of its own.

mod app;
#[cfg_attr(windows, path = "stop_windows.rs")]
mod stop;
mod traces;
mod usage; // written by `scruple codegen telemetry`, checked by `scruple codegen telemetry --check`

use scruple::Forward;
use std::env;
use std::io;
use tokio::net::TcpListener;
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> io::Result<()> {
    let setting = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    // The operator's yes: without a receiver in the settings nothing is built that could send.
    let forward = Forward::grpc();
    let counts = forward.deliveries();
    let usage = scruple::start(usage::REGISTRY);
    let usage = match env::var("QUOTES_USAGE") {
        Ok(receiver) => usage.endpoint(&receiver).export(forward).build(),
        Err(_) => usage.build(),
    };
    eprintln!("usage telemetry: {}: {}", if usage.is_on() { "on" } else { "off" }, usage.decision().reason);
    let traces = traces::pipeline(&setting("QUOTES_TRACES", "http://127.0.0.1:4317"));
    tracing_subscriber::registry().with(usage.layer()).with(traces::layer(&traces)).init();

    let listener = TcpListener::bind(setting("QUOTES_LISTEN", "127.0.0.1:8080")).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    let stopped = stop::stopped()?;
    axum::serve(listener, app::app(counts.clone())).with_graceful_shutdown(stopped).await?;
    // Both wait for their receivers, so neither ends on a thread of the runtime.
    let ends = tokio::task::spawn_blocking(move || {
        drop(usage);
        traces::end(&traces);
    });
    ends.await?;
    eprintln!("usage telemetry: {counts}");
    Ok(())
}
