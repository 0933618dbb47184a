//! examples/quickstart as it would be without telemetry, or (feature `bare`) with the bare OTLP pipeline.

use clap::Parser;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::PathBuf;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, prelude::*};

#[derive(Parser)]
#[command(name = "words", version)]
struct Args {
    #[arg(long)]
    lines: bool,
    file: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let log = fmt::layer().with_writer(io::stderr).with_filter(EnvFilter::from_default_env());
    #[cfg(not(feature = "bare"))]
    tracing_subscriber::registry().with(log).init();
    #[cfg(feature = "bare")]
    let provider = {
        use opentelemetry::trace::TracerProvider as _;
        use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
        let url = "https://telemetry.example.com/v1/traces";
        let exporter = SpanExporter::builder().with_http().with_endpoint(url).build().expect("an exporter");
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().with_batch_exporter(exporter).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("words"));
        tracing_subscriber::registry().with(layer).with(log).init();
        provider
    };
    let args = Args::parse();
    let counted = tracing::info_span!("words.run", words.unit = "words").in_scope(|| count(args));
    #[cfg(feature = "bare")]
    let _ = provider.shutdown();
    counted
}

fn count(args: Args) -> io::Result<()> {
    let mut text = String::new();
    match &args.file {
        Some(path) => File::open(path)?.read_to_string(&mut text)?,
        None => io::stdin().read_to_string(&mut text)?,
    };
    let count = if args.lines { text.lines().count() } else { text.split_whitespace().count() };
    writeln!(io::stdout(), "{count}")
}
