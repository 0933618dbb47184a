//! The options that replace the compiled-in receiver and policy URL, for trials.

use std::ffi::OsString;

/// Another receiver, and another URL of the policy.
#[derive(Default, clap::Args)]
pub struct Receiver {
    /// Send to this OTLP receiver instead of the compiled-in one, for instance http://127.0.0.1:4318
    #[arg(long, global = true, value_name = "URL")]
    telemetry_to: Option<String>,
    /// Fetch the signed policy from here instead of the compiled-in URL
    #[arg(long, global = true, value_name = "URL")]
    telemetry_policy: Option<String>,
}

impl Receiver {
    /// Reads these options before clap does: the telemetry must be built first, since it adds its own commands.
    pub fn of_arguments() -> Self {
        let words: Vec<OsString> = std::env::args_os().skip(1).take_while(|word| word != "--").collect();
        let value = |option: &str| {
            words.iter().enumerate().find_map(|(place, word)| match word.to_str()?.strip_prefix(option)? {
                "" => words.get(place + 1)?.to_str().map(str::to_owned),
                rest => rest.strip_prefix('=').map(str::to_owned),
            })
        };
        Self { telemetry_to: value("--telemetry-to"), telemetry_policy: value("--telemetry-policy") }
    }

    /// Applies the options to the telemetry.
    pub fn take(&self, mut builder: scruple::Builder) -> scruple::Builder {
        if let Some(url) = &self.telemetry_to {
            builder = builder.endpoint(url);
        }
        if let Some(url) = &self.telemetry_policy {
            builder = mlflow::ask_at(builder, url);
        }
        builder
    }

    /// Passes the same options to a child process.
    pub fn hand_on(&self, child: &mut std::process::Command) {
        let options = [("--telemetry-to", &self.telemetry_to), ("--telemetry-policy", &self.telemetry_policy)];
        for (option, value) in options {
            child.args(value.iter().flat_map(|value| [option, value]));
        }
    }
}
