//! The options of all commands: the server, the package, and the receiver of the telemetry.

use crate::receiver::Receiver;
use clap::ValueEnum;
use mlflow::Client;
use std::process::Command;

#[derive(clap::Args)]
pub struct Options {
    /// The tracking server, for instance http://127.0.0.1:5000; by default MLFLOW_TRACKING_URI
    #[arg(long, global = true, value_name = "URI")]
    tracking_uri: Option<String>,
    /// The package of the library to use
    #[arg(long, global = true, value_enum, default_value_t = Sdk::Full)]
    sdk: Sdk,
    /// The packages that the work uses, separated by commas
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    uses: Vec<String>,
    #[command(flatten)]
    receiver: Receiver,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sdk {
    /// Everything
    Full,
    /// Without evaluation
    Skinny,
    /// Traces and assessments
    Tracing,
}

impl Options {
    pub fn client(&self) -> Client {
        let uri = self.tracking_uri.clone().or_else(|| std::env::var("MLFLOW_TRACKING_URI").ok());
        let client = match self.sdk {
            Sdk::Full => Client::full(uri.as_deref()),
            Sdk::Skinny => Client::skinny(uri.as_deref()),
            Sdk::Tracing => Client::tracing(uri.as_deref()),
        };
        client.using(self.uses.iter().map(String::as_str))
    }

    /// Passes the same options to a child process.
    pub fn hand_on(&self, child: &mut Command) {
        child.args(self.tracking_uri.iter().flat_map(|uri| ["--tracking-uri", uri]));
        if let Some(sdk) = self.sdk.to_possible_value() {
            child.args(["--sdk", sdk.get_name()]);
        }
        child.args(self.uses.iter().flat_map(|name| ["--uses", name]));
        self.receiver.hand_on(child);
    }
}
