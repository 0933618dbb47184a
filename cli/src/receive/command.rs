//! `scruple receive`: prints and checks what arrives, until Ctrl-C.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use scruple::registry::Registry;

use super::show::Show;
use super::{Ports, Receiver};

/// Where to listen, and how to write down what arrives.
#[derive(Debug, Clone, clap::Args)]
pub struct Listen {
    /// The port for gRPC; 0 is any that is free
    #[arg(long, value_name = "N", default_value_t = Ports::OTLP.grpc)]
    pub grpc_port: u16,
    /// The port for HTTP; 0 is any that is free
    #[arg(long, value_name = "N", default_value_t = Ports::OTLP.http)]
    pub http_port: u16,
    /// Write one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Listens until Ctrl-C, or until nobody reads the output. The exit code is 0 if all that arrived is declared by
/// `registries`, 1 if not, 2 if it could not listen.
pub fn run(listen: &Listen, registries: &[&Registry<'_>]) -> ExitCode {
    let ports = Ports { grpc: listen.grpc_port, http: listen.http_port };
    let receiver = match Receiver::start(ports) {
        Ok(receiver) => receiver,
        Err(error) => return refuse(&error),
    };
    let stopper = receiver.stopper();
    let asked = AtomicBool::new(false);
    let interrupt = move || {
        if asked.swap(true, Ordering::Relaxed) {
            // The first one was not heard: the output may be stuck. 128 and the signal's number, as shells have it.
            std::process::exit(130);
        }
        stopper.stop();
    };
    if let Err(error) = ctrlc::set_handler(interrupt) {
        return refuse(&error);
    }
    let mut show = Show::new(anstream::stdout(), listen.json, registries);
    let shown = show_all(&mut show, &receiver);
    match shown {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => refuse(&error),
        _ if show.tally.is_clean() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn show_all<W: Write>(show: &mut Show<'_, W>, receiver: &Receiver) -> io::Result<()> {
    show.listening(receiver.grpc_addr, receiver.http_addr)?;
    receiver.arrivals.iter().try_for_each(|arrival| show.arrival(&arrival))?;
    show.end()
}

fn refuse(error: &dyn std::error::Error) -> ExitCode {
    // Not eprintln, which panics when nobody reads.
    let _ = writeln!(io::stderr(), "scruple receive: {error}");
    ExitCode::from(2)
}
