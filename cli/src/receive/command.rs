//! `scruple receive [DIR]…`: prints and checks each request, until Ctrl-C.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use scruple::registry::Registry;

use super::show::RequestPrinter;
use super::{Ports, Receiver};
use crate::check;
use crate::demo::usage;
use crate::exit::{BROKEN, OBJECTIONABLE};
use crate::named;
use crate::written::failed;

/// Receives OTLP on loopback, prints it, and checks it against registries, until Ctrl-C.
///
/// The exit code is 0 if all received data is declared, 1 if not, 2 if the receiver can't listen.
#[derive(Debug, clap::Args)]
pub struct Receive {
    /// The folder with `manifest.yaml`, or REVISION:FOLDER; then those of the libraries that the program reports for. By
    /// default the registry of `scruple demo`.
    #[arg(value_name = "DIR")]
    dirs: Vec<String>,
    /// The port for gRPC; 0 means any free port.
    #[arg(long, value_name = "N", default_value_t = Ports::OTLP.grpc)]
    grpc_port: u16,
    /// The port for HTTP; 0 means any free port.
    #[arg(long, value_name = "N", default_value_t = Ports::OTLP.http)]
    http_port: u16,
    /// Write one JSON object a line.
    #[arg(long)]
    json: bool,
    /// The crate whose sources a location may name; by default the nearest Cargo.toml at or above the first
    /// DIR.
    #[arg(long = "crate", value_name = "DIR", requires = "dirs")]
    in_crate: Option<PathBuf>,
}

impl Receive {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output or standard error can't be written to.
    pub fn run(&self) -> io::Result<ExitCode> {
        let Some(program) = self.dirs.first() else { return self.listen(&[usage::REGISTRY]) };
        let mut all = Vec::new();
        for dir in &self.dirs {
            match named::read(dir) {
                // Only a program has locations.
                Ok(owned) if all.is_empty() => match owned.located(&named::place(program), self.in_crate.as_deref()) {
                    Ok(owned) => all.push(owned.registry()),
                    Err(error) => return failed(error),
                },
                Ok(owned) => all.push(owned.registry()),
                Err(findings) => {
                    check::show(&findings)?;
                    return Ok(ExitCode::from(BROKEN));
                }
            }
        }
        self.listen(&all.iter().collect::<Vec<_>>())
    }

    fn listen(&self, registries: &[&Registry<'_>]) -> io::Result<ExitCode> {
        let receiver = match Receiver::start(Ports { grpc: self.grpc_port, http: self.http_port }) {
            Ok(receiver) => receiver,
            Err(error) => return failed(error),
        };
        let stopper = receiver.stopper();
        let asked = AtomicBool::new(false);
        let interrupt = move || {
            if asked.swap(true, Ordering::Relaxed) {
                // The first signal had no effect: the output may be blocked. 128 plus the signal's number, as in
                // shells.
                std::process::exit(130);
            }
            stopper.stop();
        };
        if let Err(error) = ctrlc::set_handler(interrupt) {
            return failed(error);
        }
        let mut show = RequestPrinter::new(anstream::stdout(), self.json, registries);
        match show_all(&mut show, &receiver) {
            // After a closed pipe, the requests until then decide the exit code.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ if show.totals.is_clean() => Ok(ExitCode::SUCCESS),
            _ => Ok(ExitCode::from(OBJECTIONABLE)),
        }
    }
}

fn show_all<W: Write>(show: &mut RequestPrinter<'_, W>, receiver: &Receiver) -> io::Result<()> {
    show.listening(receiver.grpc_addr, receiver.http_addr)?;
    receiver.arrivals.iter().try_for_each(|arrival| show.arrival(&arrival))?;
    show.end()
}
