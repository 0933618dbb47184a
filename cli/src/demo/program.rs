//! The demo's program: profiles a data set, instrumented as programs are, with care and without.
//!
//! The first half records with the functions that codegen wrote. The second half is what instrumented code looks like
//! after some years: macros with fields that nobody declared, messages, errors, a path in a panic. Everything private in
//! it is invented, but for the machine's own names.

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

/// What the program is asked to do.
pub struct Job<'a> {
    /// The file to profile; without it, the data set inside the program.
    pub dataset: Option<&'a Path>,
    /// The column with the classes.
    pub label: Option<&'a str>,
    /// The command line.
    pub arguments: &'a [String],
    /// Whose machine this is.
    pub machine: &'a Machine,
}

/// What the program did.
pub struct Work {
    /// How many rows the data set has.
    pub rows: usize,
    /// How many columns it has.
    pub columns: usize,
    /// How many classes.
    pub classes: usize,
    /// The profile of its columns.
    pub profile: Profile,
    /// How many rows have an outlier.
    pub outliers: Outliers,
    /// What the columns and classes are called.
    pub words: Vec<String>,
}

/// Why the program could not do it.
pub enum NoWork {
    /// The file is no data set.
    Dataset(Mistake),
    /// It is too small.
    TooFewRows(TooFewRows),
}

impl std::fmt::Display for NoWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dataset(mistake) => mistake.fmt(f),
            Self::TooFewRows(error) => error.fmt(f),
        }
    }
}

impl Job<'_> {
    /// Does it, inside a span.
    ///
    /// # Errors
    /// If the data set can't be read or profiled.
    pub fn run(&self, telemetry: &Telemetry) -> Result<Work, NoWork> {
        // The program runs inside a trace of somebody else's, which says a lot in its state.
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
        // `run` calls its work once.
        result.unwrap_or(Err(NoWork::TooFewRows(TooFewRows { rows: 0 })))
    }

    /// The work, instrumented with care.
    fn profile(&self) -> Result<Work, NoWork> {
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
        Ok(Work {
            rows: dataset.rows(),
            columns: dataset.columns(),
            classes: dataset.classes.len(),
            profile,
            outliers,
            words: dataset.features.into_iter().chain(dataset.classes).collect(),
        })
    }

    fn load(&self) -> Result<Dataset, NoWork> {
        let source = if self.dataset.is_some() { DatasetSource::File } else { DatasetSource::Bundled };
        let span = usage::load(source);
        let _inside = span.enter();
        let read = match self.dataset {
            Some(path) => Dataset::open(path, self.label),
            None => Dataset::bundled(self.label),
        };
        let Ok(dataset) = read else {
            span.fail();
            return read.map_err(NoWork::Dataset);
        };
        span.dataset_name(&dataset.name).dataset_format(format(&dataset.name)).ok();
        usage::dataset_loaded(dataset.rows() as u64, dataset.bytes as u64)
            .dataset_columns(dataset.columns() as u64)
            .dataset_classes(dataset.classes.len() as u64)
            .emit();
        Ok(dataset)
    }

    /// The same program after somebody looked for a mistake in it.
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

fn profile(dataset: &Dataset) -> Result<Profile, NoWork> {
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
    profile.map_err(NoWork::TooFewRows)
}

fn format(name: &str) -> DatasetFormat {
    match Path::new(name).extension().and_then(|ending| ending.to_str()) {
        Some("csv") => DatasetFormat::Csv,
        Some("data") => DatasetFormat::Data,
        Some("txt") => DatasetFormat::Txt,
        _ => DatasetFormat::Other,
    }
}

/// Panics with a private message, is caught, and is reported by its place alone.
fn panics() {
    // The hook is the whole process's: one at a time.
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
    debug_assert!(caught.is_err(), "a panic is an error to whoever catches it");
}
