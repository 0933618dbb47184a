//! Another program with the library in it: this test binary, started again and told what to do.

use super::person::Ran;
use super::stage::Stage;
use mlflow::{Client, Scorer};
use scruple::encode::Format;
use scruple::testing::Rehearsal;
use scruple_fixtures::process;
use std::env;
use std::path::PathBuf;
use tracing_subscriber::prelude::*;

/// What it is to do, a word a line: see [`act`].
const WORDS: &str = "ROWS_HOST";

pub struct Host<'a> {
    stage: &'a Stage,
    variables: Vec<(&'static str, String)>,
}

impl<'a> Host<'a> {
    pub fn of(stage: &'a Stage) -> Self {
        Self { stage, variables: Vec::new() }
    }

    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Runs it to its end; what it says begins with `>`, since a test harness says things too.
    pub fn run(&self, words: &[&str]) -> Ran {
        let mut host = self.stage.person.command(env::current_exe().unwrap());
        host.args(["--exact", "host::the_host", "--nocapture", "--test-threads=1"]).env(WORDS, words.join("\n"));
        host.env("ROWS_TO", self.stage.receiver()).env("ROWS_POLICY", &self.stage.policy);
        host.env("ROWS_TRACKING", &self.stage.tracking).env("ROWS_ROOT", self.stage.person.root());
        host.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let mut ran: Ran = host.output().unwrap().into();
        let said = process::said(&ran.stdout);
        ran.stdout = said.collect::<Vec<_>>().join("\n");
        self.stage.person.not_due();
        ran
    }
}

/// Not a test: the process that [`Host::run`] starts.
#[test]
fn the_host() {
    let Ok(words) = env::var(WORDS) else { return };
    let variable = |name: &str| env::var(name).expect(name);
    let mut words = words.lines();
    let which = words.next();
    // Its own telemetry, which its own settings hold the yes for, and which is another pipeline than the library's.
    let own = (which == Some("beside")).then(|| {
        scruple::start(&super::joined::OWN)
            .preset(scruple::Preset::OperatorConsent)
            .export(scruple::Exporter::requests(Format::Json, |_, _| println!("> its own")))
            .build()
    });
    let builder = match which {
        Some("run" | "beside") => {
            mlflow::ask_at(mlflow::telemetry(), &variable("ROWS_POLICY")).endpoint(&variable("ROWS_TO"))
        }
        // One whose `/etc` is a folder of the test's; it decides as a real one does, and sends nothing.
        Some("rehearse") => scruple::start(mlflow::REGISTRY)
            .rehearsal(Rehearsal::new().asking().root(PathBuf::from(variable("ROWS_ROOT"))))
            .endpoint("http://127.0.0.1:9")
            .export(scruple::Exporter::requests(Format::Json, |_, request| {
                println!("> {}", String::from_utf8_lossy(request))
            })),
        other => panic!("which host? {other:?}"),
    };
    let telemetry = builder.build();
    let layer = own.as_ref().map(scruple::Telemetry::layer);
    tracing_subscriber::registry().with(layer).with(telemetry.layer()).init();
    let client = Client::full(Some(&variable("ROWS_TRACKING")));
    for word in words {
        act(&telemetry, &client, word);
    }
    drop(telemetry);
    // `libtest` goes on to its own end: nothing of the host is left to do.
}

#[expect(
    unsafe_code,
    reason = "a program that changes its own environment is what is tested; no other thread reads it"
)]
fn act(telemetry: &scruple::Telemetry, client: &Client, word: &str) {
    match word.split_once(':').unwrap_or((word, "")) {
        ("experiment", name) => println!("> {}", client.create_experiment(name).expect("it is created")),
        ("panic", experiment) => {
            let run = client.create_run(experiment, "panics").expect("a run");
            let _ = client.evaluate(&run, |_: &f64| panic!("in a model"), &[(1.0, 1.0)], &[Scorer::Accuracy]);
        }
        ("set", pair) => {
            let (name, value) = pair.split_once('=').expect("a variable and its value");
            #[expect(
                clippy::disallowed_methods,
                reason = "the host changes its own environment: that is what is tested"
            )]
            // SAFETY: the threads of this process are the harness's, which waits, and the uploader's, which sleeps.
            unsafe {
                env::set_var(name, value);
            }
        }
        ("client", _) => println!("> {}", scruple::client().map_or("none", |client| client.app_id())),
        ("on", _) => println!("> {}", telemetry.is_on()),
        ("why", _) => println!("> {}", telemetry.decision().reason),
        ("disable", _) => telemetry.disable(),
        other => panic!("what is {other:?}?"),
    }
}
