//! The demo's program: profiles a data set, with careful and with careless instrumentation.
//!
//! The first half records with the functions from codegen. The second half looks like instrumented code after some
//! years: macros with undeclared fields, messages, errors, a path in a panic. All private data in it is invented,
//! except for the machine's own names.

use std::panic;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId};
use scruple::Telemetry;
use tracing::{Level, event, info_span};

use super::dataset::{Dataset, DatasetFault, Mistake};
use super::planted::{self, Machine};
use super::usage::{self, CrashStage, DatasetFormat, DatasetSource};
use super::work::{LIBRARY_VERSION, Outliers, Profile, TooFewRows};

/// The arguments of the program.
pub struct Job<'a> {
    /// The file to profile; by default the built-in data set.
    pub dataset: Option<&'a Path>,
    /// The column with the classes.
    pub label: Option<&'a str>,
    /// The command line.
    pub arguments: &'a [String],
    /// The machine's own names.
    pub machine: &'a Machine,
}

/// The result of the program.
pub struct ProgramResult {
    /// The number of rows of the data set.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
    /// The number of classes.
    pub classes: usize,
    /// The profile of the columns.
    pub profile: Profile,
    /// The rows with an outlier.
    pub outliers: Outliers,
    /// The names of the columns and classes.
    pub words: Vec<String>,
}

/// Why the program failed.
pub enum ProgramError {
    /// The file is no valid data set.
    Dataset(Mistake),
    /// The data set is too small.
    TooFewRows(TooFewRows),
}

impl std::fmt::Display for ProgramError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dataset(mistake) => mistake.fmt(f),
            Self::TooFewRows(error) => error.fmt(f),
        }
    }
}

impl Job<'_> {
    /// Runs the program inside a span.
    ///
    /// # Errors
    /// If the data set can't be read or profiled.
    pub fn run(&self, telemetry: &Telemetry) -> Result<ProgramResult, ProgramError> {
        // The program runs inside a foreign trace with private text in its ids and its state.
        let state = TraceState::from_key_value([("user", planted::USER)]).unwrap_or_default();
        let (trace, span) = (TraceId::from_bytes(*planted::TRACE), SpanId::from_bytes(*planted::SPAN));
        let outside = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, state);
        let _inside = Context::current().with_remote_span_context(outside).attach();
        let command = usage::command();
        let arguments: Vec<&str> =
            self.arguments.iter().map(String::as_str).chain(["--dataset", planted::PATH]).collect();
        command.argument_names(&arguments).label_chosen(self.label.is_some());
        let mut result = None;
        telemetry.run(command.clone(), || {
            let code = match result.insert(self.profile()) {
                Ok(_) => {
                    self.add_debugging();
                    0
                }
                Err(_) => 2,
            };
            command.process_exit_code(u64::from(code));
            ExitCode::from(code)
        });
        // `run` always calls its closure, so there is a result.
        result.unwrap_or(Err(ProgramError::TooFewRows(TooFewRows { rows: 0 })))
    }

    /// The work, with careful instrumentation.
    fn profile(&self) -> Result<ProgramResult, ProgramError> {
        let dataset = self.load()?;
        let profile = profile(&dataset)?;
        let outliers = {
            let span = usage::outliers();
            let _inside = span.enter();
            let outliers = profile.outliers(&dataset);
            span.outliers_share(outliers.per_cent() as u64).ok();
            outliers
        };
        usage::profile_saved(planted::RESULT).emit();
        Ok(ProgramResult {
            rows: dataset.rows(),
            columns: dataset.columns(),
            classes: dataset.classes.len(),
            profile,
            outliers,
            words: dataset.features.into_iter().chain(dataset.classes).collect(),
        })
    }

    fn load(&self) -> Result<Dataset, ProgramError> {
        let source = if self.dataset.is_some() { DatasetSource::File } else { DatasetSource::Bundled };
        let span = usage::load(source);
        let _inside = span.enter();
        let read = match self.dataset {
            Some(path) => Dataset::open(path, self.label),
            None => Dataset::bundled(self.label),
        };
        let Ok(dataset) = read else {
            span.fail();
            return read.map_err(ProgramError::Dataset);
        };
        span.dataset_name(&dataset.name).dataset_format(format(&dataset.name)).ok();
        usage::dataset_loaded(dataset.rows() as u64, dataset.bytes as u64)
            .dataset_columns(dataset.columns() as u64)
            .dataset_classes(dataset.classes.len() as u64)
            .emit();
        Ok(dataset)
    }

    /// The careless half: instrumentation as it remains after debugging.
    fn add_debugging(&self) {
        let path = self.dataset.map_or_else(|| planted::PATH.to_owned(), |path| path.display().to_string());
        let what = DatasetFault::Unreadable(std::io::ErrorKind::NotFound);
        let error = Mistake { file: planted::PATH.to_owned(), line: None, column: None, what };
        let load = info_span!(
            "demo.load",
            demo.dataset.source = "file",
            demo.dataset.format = planted::ENDING,
            demo.dataset.name = planted::FILE,
            demo.dataset.path = path,
            user.name = self.machine.user,
            user.home = self.machine.home,
            host.name = self.machine.host,
            otel.status_code = "error",
            otel.status_description = %error,
        );
        load.in_scope(|| event!(name: "demo.debug", Level::DEBUG, file = planted::PATH, "{}", planted::MESSAGE));
        let profile = info_span!(
            "demo.profile",
            demo.library.version = planted::VERSION,
            user.name = planted::USER,
            user.home = planted::HOME,
            user.email = planted::EMAIL,
            host.name = planted::HOST,
            http.authorization = planted::TOKEN,
        );
        profile.follows_from(&load);
        drop(load);
        profile.in_scope(|| {
            info_span!("demo.query", db.statement = planted::QUERY, user.name = planted::USER).in_scope(panics)
        });
        event!(
            name: "demo.crash",
            Level::ERROR,
            { demo.crash.stage = planted::STAGE, demo.crash.location = planted::PLACE, error = %error },
            "{}", planted::MESSAGE
        );
    }
}

fn profile(dataset: &Dataset) -> Result<Profile, ProgramError> {
    let span = usage::profile();
    let _inside = span.enter();
    span.dataset_rows(dataset.rows() as u64).library_version(LIBRARY_VERSION);
    let progress = indicatif::ProgressBar::new_spinner().with_message(format!("profiling {} rows", dataset.rows()));
    progress.enable_steady_tick(std::time::Duration::from_millis(100));
    let profile = Profile::of(dataset);
    progress.finish_and_clear();
    match &profile {
        Ok(profile) => span.profile_distinct(profile.distinct() as u64).ok(),
        Err(_) => span.fail(),
    };
    profile.map_err(ProgramError::TooFewRows)
}

fn format(name: &str) -> DatasetFormat {
    match Path::new(name).extension().and_then(|ending| ending.to_str()) {
        Some("csv") => DatasetFormat::Csv,
        Some("data") => DatasetFormat::Data,
        Some("txt") => DatasetFormat::Txt,
        _ => DatasetFormat::Other,
    }
}

/// Panics with a private message and catches the panic; the report has only its location.
fn panics() {
    // The panic hook belongs to the whole process: one run at a time.
    static HOOK: Mutex<()> = Mutex::new(());
    let _alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let before = Arc::new(panic::take_hook());
    let (others, own) = (Arc::clone(&before), thread::current().id());
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != own {
            return others(info);
        }
        let crash = usage::crash(CrashStage::Profile);
        match info.location() {
            Some(place) => crash.crash_location(place).emit(),
            None => crash.emit(),
        }
    }));
    let caught = panic::catch_unwind(|| panic!("cannot profile {}", planted::PATH));
    panic::set_hook(Box::new(move |info| before(info)));
    debug_assert!(caught.is_err(), "the closure panics");
}
