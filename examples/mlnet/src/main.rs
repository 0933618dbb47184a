//! A command line that trains models on data sets, with telemetry by a published design.

mod arguments;
mod column;
mod lesson;
#[cfg_attr(not(feature = "mac-address"), path = "no_machine.rs")]
mod machine;
mod model;
mod search;
mod table;
mod usage; // written by `scruple codegen`, checked by `scruple codegen --check`
mod work;

use arguments::Arguments;
use std::io;
use std::process::ExitCode;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, prelude::*};

/// The version of a release: the package's, and the number of the build.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ".1");

fn main() -> ExitCode {
    let telemetry = machine::declare(scruple::start(usage::REGISTRY)).version(VERSION).build(); // never fails: an error turns telemetry off, with the reason
    telemetry.on_panic(|place| usage::crash().crash_location(place).emit());
    tracing_subscriber::registry()
        .with(telemetry.layer()) // brings its own filter
        .with(fmt::layer().with_writer(io::stderr).with_filter(EnvFilter::from_default_env()))
        .init();
    let Arguments { command } = telemetry.clap(); // also `mlnet telemetry status|on|off|send|reset|show`
    let span = usage::command(&telemetry.used().arguments(), command.name());
    telemetry.run(span.clone(), || {
        machine::record(&telemetry);
        work::run(command, &span)
    })
}

#[cfg(test)]
mod tests {
    use super::arguments::Arguments;
    use super::usage;
    use clap::CommandFactory as _;
    use scruple::registry::Treatment;

    /// The members of `mlnet.argument.names` equal the arguments of all commands.
    #[test]
    fn a02_the_names_of_all_arguments_are_declared_and_no_others() {
        let (command, registry) = (Arguments::command(), usage::REGISTRY);
        let commands: Vec<_> = command.get_subcommands().cloned().collect();
        scruple::testing::arguments::declares(registry, command, "mlnet.argument.names", Some("mlnet.command.name"))
            .unwrap();
        let names = registry.attributes.iter().find(|attribute| attribute.key == "mlnet.argument.names").unwrap();
        let Treatment::Names { members } = names.treatment else { panic!("names") };
        let is_taken =
            |name: &str| commands.iter().flat_map(|it| it.get_arguments()).any(|it| it.get_long() == Some(name));
        for member in members {
            assert!(is_taken(member.trim_start_matches("--")), "{member} is declared, but no command takes it");
        }
    }
}
