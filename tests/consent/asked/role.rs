//! A program that asks its user, run as a process of its own by the tests: this test binary, told by variables what to
//! be and what to do.

use scruple::consent::{Preset, Wait};
use scruple::encode::Format;
use scruple::identity::{Boot, Clock};
use scruple::testing::Rehearsal;
use scruple::{Choice, Client, Telemetry};
use scruple_fixtures::{
    process::{self, say},
    source::FixedClock,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;

/// Which the process is to be: a [`Role`] word for word.
pub const ROLE: &str = "ASKED_ROLE";

/// The variable that says no.
pub const OPTOUT: &str = "ASKED_OPTOUT";

/// The telemetry variable.
pub const TELEMETRY: &str = "ASKED_TELEMETRY";

/// Plays the role that the environment asks for: words separated by blanks, first what the program is, then what it
/// does. Everything that it says begins with `>`, since a test harness says things too.
pub fn play(role: &str) {
    let mut words = role.split(' ').filter(|word| !word.is_empty());
    if role.starts_with("without ") {
        return;
    }
    let preset = match words.next() {
        Some("opt-in") => Preset::OptIn,
        Some("first-run") => Preset::FirstRun(Wait::Day),
        Some("next-run") => Preset::FirstRun(Wait::NextRun),
        Some("documented") => Preset::Documented,
        other => panic!("which program? {other:?}"),
    };
    let at: u64 = words.next().and_then(|word| word.parse().ok()).expect("a time");
    let at = at * 1_000_000_000;
    let words: Vec<_> = words.collect();
    // As in `boot=1,60`: the first boot, after a minute of it.
    let boot = words.iter().find_map(|word| word.strip_prefix("boot=")?.split_once(','));
    let boot = boot.map(|(id, seconds)| Boot { id: id.parse().unwrap(), seconds: seconds.parse().unwrap() });
    let rehearsal = Rehearsal::new().clock(SetClock { boot });
    let mut rehearsal = if words.contains(&"unasked") { rehearsal } else { rehearsal.asking() };
    NOW.store(at, Ordering::Relaxed);
    if let Some(built) = words.iter().find_map(|word| word.strip_prefix("built=")) {
        rehearsal = rehearsal.built(built.parse().expect("a time"));
    }
    if let Some(root) = std::env::var_os("ASKED_ROOT") {
        rehearsal = rehearsal.root(root);
    }
    let registry = match words.first().copied() {
        Some("wider") => &super::registry::WIDER,
        Some("narrower") => &super::registry::NARROWER,
        Some("elsewhere") => &super::registry::ELSEWHERE,
        Some("more") => &super::registry::MORE,
        Some("purposes") => &super::registry::PURPOSES,
        Some("third") => &super::registry::THIRD,
        Some("ending") => &super::registry::ENDING,
        Some("extended") => &super::registry::EXTENDED,
        Some("resource") => &super::registry::RESOURCE,
        Some("endless") => &super::registry::ENDLESS,
        Some("obsolete") => &super::registry::OBSOLETE,
        Some("controlled") => &super::registry::CONTROLLED,
        Some("choice" | "opted") => &super::registry::CHOICE,
        _ if preset == Preset::Documented => &super::registry::DOCUMENTED,
        _ => &super::registry::REGISTRY,
    };
    let has_terminal = words.contains(&"terminal");
    #[cfg(unix)]
    if has_terminal {
        scruple_fixtures::terminal::take();
    }
    let start = |rehearsal| {
        let builder = scruple::start(registry);
        let builder = if words.first() == Some(&"opted") { builder.opt_in("asked.plan") } else { builder };
        let builder = if words.contains(&"also") { builder.library(&super::registry::LIBRARY) } else { builder };
        let is_double = words.contains(&"double");
        let builder = if is_double { builder.library(&super::registry::DOUBLE) } else { builder };
        builder
            .opt_out_variable(OPTOUT)
            .telemetry_variable(TELEMETRY)
            .preset(preset)
            .notice_command("asked telemetry")
            .rehearsal(rehearsal)
            .export(scruple::Exporter::requests(Format::Json, |_, bytes| {
                say(&format!("sent {}", String::from_utf8_lossy(bytes)))
            }))
            .build()
    };
    let telemetry = start(rehearsal);
    if words.contains(&"again") {
        let again = start(Rehearsal::new().asking().clock(FixedClock::at(at)));
        say(&format!("{:?} {:?}", again.decision().mode, again.decision().reason));
    }
    let global = words.contains(&"warn").then_some(LevelFilter::WARN);
    tracing_subscriber::registry().with(telemetry.layer()).with(global).init();
    for word in words {
        // No console of Windows is known to be read: its window shows what a terminal would.
        let is_asked = matches!(preset, Preset::FirstRun(_));
        if cfg!(windows) && has_terminal && word == "run" && is_asked && telemetry.notice().is_due() {
            eprintln!("{}", telemetry.notice());
            telemetry.notice().shown().expect("it is stored");
        }
        act(&telemetry, word);
    }
}

fn act(telemetry: &Telemetry, word: &str) {
    match word {
        "decide" => say(&format!("{:?} {:?}", telemetry.decision().mode, telemetry.decision().reason)),
        "status" => say(&telemetry.status().to_json()),
        "status-text" => say(&telemetry.status().to_string().replace('\n', "|")),
        "show" => say(&telemetry.show(false).replace('\n', "|")),
        "why" => say(&telemetry.set_consent(Choice::On).expect_err("there is no place").to_string()),
        "record" => record(),
        "left" => left(),
        "library" => {
            tracing::event!(name: "library.new", tracing::Level::INFO, {});
            tracing::event!(name: "library.old", tracing::Level::INFO, {});
        }
        "run" => {
            telemetry.run(tracing::info_span!("asked.run"), record);
        }
        "quiet" => telemetry.suppress_notice(),
        "ask" => say(&format!("{:?}", telemetry.ask().map(|told| told.map(|decision| decision.reason)))),
        "yes" => say(&format!("{:?}", telemetry.set_consent(Choice::On))),
        "no" => say(&format!("{:?}", telemetry.set_consent(Choice::Off))),
        "shown" => say(&format!("{:?}", telemetry.notice().shown())),
        "notice" => say(&telemetry.notice().to_string().replace('\n', "|")),
        "due" => say(&telemetry.notice().is_due().to_string()),
        "reset" => say(&format!("{:?}", telemetry.reset())),
        "is-on" => say(&telemetry.is_on().to_string()),
        "clients" => say(&scruple::client().as_ref().map_or_else(|| "none".to_owned(), client_says)),
        "keep" => *KEPT.lock().unwrap() = scruple::client(),
        "kept" => say(&client_says(KEPT.lock().unwrap().as_ref().expect("a client was kept"))),
        "client-disable" => scruple::client().expect("a pipeline is on").disable(),
        "client" => say(&scruple::client().is_some().to_string()),
        "disable" => telemetry.disable(),
        "wait" => process::wait(),
        "heard" => say(&format!("{:?}", telemetry.status().hidden.map_or(Ok(()), Err))),
        "session" => record(),
        "handed" | "unhanded" => {
            let mut child = process::of_test("asked::the_program");
            child.env(ROLE, "opt-in 1795000000 session");
            if word == "handed" {
                telemetry.propagate_session(&mut child);
            }
            let said = child.output().expect("it runs").stdout;
            let said = String::from_utf8(said).expect("UTF-8");
            say(process::said(&said).next().expect("a record"));
        }
        // Parses these arguments, with commas between.
        _ if word.starts_with("with:") => {
            let words = word["with:".len()..].split(',').filter(|word| !word.is_empty());
            let line = std::iter::once("asked").chain(words);
            if let Err(error) = telemetry.try_clap_from::<super::quiet::Asked>(line) {
                say(&format!("{:?}", error.kind()));
            }
        }
        "unasked" | "also" | "double" | "extended" | "resource" | "purposes" | "third" | "ending" | "endless"
        | "obsolete" => {}
        // Agrees to these purposes, with commas between.
        _ if word.starts_with("only=") => {
            let names: Vec<_> = word["only=".len()..].split(',').filter(|name| !name.is_empty()).collect();
            say(&format!("{:?}", telemetry.set_consent_for(&names)));
        }
        // As a clock that is set while it runs.
        _ if word.starts_with("at=") => {
            let seconds: u64 = word["at=".len()..].parse().expect("a time");
            NOW.store(seconds * 1_000_000_000, Ordering::Relaxed);
        }
        "again" | "warn" | "terminal" | "wider" | "narrower" | "elsewhere" | "controlled" | "more" | "choice"
        | "opted" => {}
        _ if word.starts_with("built=") || word.starts_with("boot=") => {}
        other => panic!("what is {other:?}?"),
    }
}

/// The time, in nanoseconds since the epoch.
static NOW: AtomicU64 = AtomicU64::new(0);

/// A clock that a word sets.
struct SetClock {
    boot: Option<Boot>,
}

impl Clock for SetClock {
    fn now(&self) -> u64 {
        NOW.load(Ordering::Relaxed)
    }

    fn boot(&self) -> Option<Boot> {
        self.boot
    }
}

/// A client that a part of the program keeps.
static KEPT: Mutex<Option<Client>> = Mutex::new(None);

fn client_says(client: &Client) -> String {
    // Before the decision, which `is_on` may change.
    let (is_on, by_files) = (client.is_on(), client.is_on_by_files());
    let decision = client.decision();
    assert_eq!(format!("{client:?}"), format!("Client {{ app_id: {:?}, decision: {decision:?} }}", client.app_id()));
    format!("{} {:?} {:?} {is_on} {by_files}", client.app_id(), decision.mode, decision.reason)
}

fn left() {
    tracing::event!(name: "asked.left", tracing::Level::INFO, asked.kind = "one", asked.name = "a private name");
}

fn record() {
    tracing::event!(name: "asked.done", tracing::Level::INFO, asked.kind = "one", asked.name = "a private name", asked.plan = "one");
}
