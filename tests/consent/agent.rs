//! Coding agents and hosts, detected by a real process: what is sent is a member that the registry declares, and nothing
//! of what an agent calls itself.

use scruple::consent::{AGENTS, EnvRule, Reason};
use scruple::encode::Format;
use scruple::registry::{Attribute, AttributeRef, Registry, Signal, Source, Treatment};
use scruple::testing::Rehearsal;
use scruple_fixtures::tables::{service, used};
use scruple_fixtures::{
    process,
    source::{Counting, FixedClock},
};
use std::ffi::OsStr;
use tracing_subscriber::prelude::*;

/// Planted in variables; never to be seen again.
const MARKER: &str = "marker-d41f6c";

/// The registry that declares these members for the agent, which are separated by blanks; `undeclared` is one that
/// declares no such attribute.
fn registry(members: &str) -> &'static Registry<'static> {
    let members: Vec<&'static str> = members.split(' ').map(|member| &*String::leak(member.to_owned())).collect();
    let is_declared = members != ["undeclared"];
    let agent = Attribute::new("agent.name", "Who runs it.", Treatment::Agent { members: Vec::leak(members) });
    let session =
        Attribute::new("session.id", "The process.", Treatment::Given { source: Source::Session, members: &[] });
    let uses: &[AttributeRef] = if is_declared { const { &[used(0)] } } else { &[] };
    let done = Signal::span("agent.done", "It was done.").attributes(uses);
    let registry = Registry::new(
        "https://telemetry.example.com/schemas/agent/1.0.0",
        service("com.example.agent", "agent").endpoint("http://127.0.0.1:4318"),
    )
    .attributes(Vec::leak(vec![agent, session]))
    .resource(&[1])
    .events(Vec::leak(vec![done]));
    Box::leak(Box::new(registry))
}

/// Not a test: the program, in the processes that the tests start, with the members of `AGENT_MEMBERS`.
#[test]
fn the_program() {
    let Ok(members) = std::env::var("AGENT_MEMBERS") else { return };
    let fixed = Rehearsal::new().clock(FixedClock::at(1_795_000_000_000_000_000)).random(Counting::spread());
    let is_asking = std::env::var_os("AGENT_REHEARSED").is_none();
    let telemetry = scruple::start(registry(&members))
        .preset(scruple::Preset::OperatorConsent)
        .rehearsal(if is_asking { fixed.asking() } else { fixed })
        .export(scruple::Exporter::requests(Format::Json, |_, bytes| {
            println!("> sent {}", String::from_utf8_lossy(bytes))
        }))
        .build();
    let because = telemetry.decision().reason;
    assert!(matches!(because, Reason::Given | Reason::Rehearsal), "an agent turns nothing off: {because}");
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        // The field is declared, and what the program records there is none of the registry's business.
        tracing::event!(name: "agent.done", tracing::Level::INFO, other = "undeclared");
    });
    println!("> status {}", telemetry.status().to_json());
}

/// Everything that the program says and sends in an environment.
#[track_caller]
fn said<'v>(members: &str, environment: impl IntoIterator<Item = (&'v str, &'v str)>) -> String {
    let mut command = process::of_test("agent::the_program");
    command
        .env_clear()
        .env("HOME", std::env::var_os("HOME").unwrap_or_default())
        .env("AGENT_MEMBERS", OsStr::new(members));
    let output = command.envs(environment).output().expect("this test runs again");
    let text = String::from_utf8(output.stdout).expect("UTF-8") + &String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success() && text.contains("> sent {\"resourceLogs\""), "{text}");
    text
}

/// What the request says of the agent.
fn agent(said: &str) -> Option<&str> {
    let (_, after) = said.split_once("{\"key\":\"agent.name\",\"value\":{\"stringValue\":\"")?;
    after.split('"').next()
}

#[track_caller]
fn check(members: &str, environment: &[(&str, &str)], expected: Option<&str>) {
    let said = said(members, environment.iter().copied());
    assert_eq!(agent(&said), expected, "{members}: {environment:?}");
    assert!(!said.contains(MARKER), "{said}");
}

#[test]
fn each_agent_and_host_is_its_member() {
    let all: Vec<_> = AGENTS.iter().map(|rule| rule.name).chain(["none"]).collect();
    for rule in AGENTS {
        let sign = match rule.signs[0] {
            EnvRule::True(name) => (name, "1"),
            EnvRule::Present(name) => (name, MARKER),
            EnvRule::Is(name, value) | EnvRule::Has(name, value) => (name, value),
        };
        check(&all.join(" "), &[sign], Some(rule.name));
    }
    check(&all.join(" "), &[], Some("none"));
}

#[test]
fn an_undeclared_agent_is_other_or_dropped() {
    check("codex none other", &[("CODEX_CI", MARKER)], Some("codex"));
    check("codex none other", &[("GOOSE_TERMINAL", MARKER)], Some("other"));
    check("codex none other", &[("COLAB_RELEASE_TAG", MARKER)], Some("other"));
    check("codex none other", &[("AI_AGENT", MARKER)], Some("other"));
    check("codex none other", &[("AGENT", MARKER)], Some("other"));
    check("codex none other", &[("AI_AGENT", ""), ("CODEX_CI", "")], Some("none"));
    check("codex", &[("AI_AGENT", "CODEX")], Some("codex"));
    check("codex", &[("GOOSE_TERMINAL", MARKER)], None);
    check("codex", &[("AI_AGENT", MARKER)], None);
    check("codex", &[], None);
    check("undeclared", &[("AI_AGENT", "codex")], None);
    check("undeclared", &[], None);
}

#[test]
fn an_agents_own_name_changes_no_byte() {
    let all: Vec<_> = AGENTS.iter().map(|rule| rule.name).chain(["none"]).collect();
    let sent = |environment: Vec<(&str, &str)>| {
        let said = said(&all.join(" "), environment);
        assert!(!said.contains(MARKER), "{said}");
        said.lines().filter_map(|line| line.split_once("> sent ")).map(|(_, sent)| sent.to_owned()).collect::<Vec<_>>()
    };
    let one = sent(vec![("AI_AGENT", MARKER)]);
    assert_eq!(one, sent(vec![("AI_AGENT", "something quite different, and longer")]));
    assert_eq!(one, sent(vec![("AGENT", "none")]));
    // With every variable set the first row that holds is shown; of one that is listed twice the last value counts.
    let variables = AGENTS.iter().flat_map(|rule| rule.signs).map(|sign| match *sign {
        EnvRule::True(name) | EnvRule::Present(name) => (name, MARKER),
        EnvRule::Is(name, value) | EnvRule::Has(name, value) => (name, value),
    });
    let every = sent(variables.collect());
    assert_eq!(every, sent(vec![("AMP_HOME", MARKER)]));
}

#[test]
fn a_rehearsal_without_environment_detects_no_agent() {
    check("codex none other", &[("AI_AGENT", "codex"), ("AGENT_REHEARSED", "1")], Some("none"));
}
