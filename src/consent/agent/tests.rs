//! Agents and hosts: every sign of the table, alone and beside others.

use super::{AGENTS, AgentRule, OTHER_AGENT, agent};
use crate::consent::{CI, EnvRule};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ffi::OsString;

/// What an environment shows: the name, and whether it is an agent.
fn shown(environment: &[(&str, &str)]) -> Option<(&'static str, bool)> {
    let variable =
        |name: &str| environment.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value));
    agent(&variable).map(|rule| (rule.name, rule.is_agent))
}

#[track_caller]
fn check(name: &str, value: &str, expected: Option<&AgentRule>) {
    assert_eq!(shown(&[(name, value)]), expected.map(|rule| (rule.name, rule.is_agent)), "{name}={value:?}");
}

fn other() -> &'static AgentRule {
    AGENTS.iter().find(|rule| rule.name == OTHER_AGENT).expect("it is in the table")
}

fn variable(sign: &EnvRule) -> &'static str {
    match *sign {
        EnvRule::True(name) | EnvRule::Present(name) | EnvRule::Is(name, _) | EnvRule::Has(name, _) => name,
    }
}

/// The variables that are set by several, to any text.
const SHARED: [&str; 2] = ["AI_AGENT", "AGENT"];

#[test]
fn every_sign_shows_its_agent_or_host() {
    for rule in AGENTS {
        for sign in rule.signs {
            match *sign {
                EnvRule::True(name) => {
                    ["1", "true", "yes", "x"].iter().for_each(|value| check(name, value, Some(rule)));
                    ["", "0", "false", "No", "off"].iter().for_each(|value| check(name, value, None));
                }
                EnvRule::Present(name) => {
                    ["x", "0", "false"].iter().for_each(|value| check(name, value, Some(rule)));
                    check(name, "", None);
                }
                EnvRule::Has(name, part) => check(name, &format!("x{part}x"), Some(rule)),
                EnvRule::Is(name, value) => {
                    check(name, value, Some(rule));
                    check(name, &value.to_uppercase(), Some(rule));
                    check(name, "", None);
                    let otherwise = SHARED.contains(&name).then(other);
                    check(name, &format!("{value}x"), otherwise);
                    check(name, &format!(" {value}"), otherwise);
                }
            }
        }
    }
    assert_eq!(shown(&[]), None);
}

#[test]
fn no_two_rows_share_a_sign() {
    let mut seen: Vec<(&str, &EnvRule)> = Vec::new();
    for rule in AGENTS {
        for sign in rule.signs {
            for (name, before) in &seen {
                let of_two_values = match (before, sign) {
                    (EnvRule::Is(_, one), EnvRule::Is(_, another)) => !one.eq_ignore_ascii_case(another),
                    _ => false,
                };
                // Whatever no row knows is another agent's, which comes last.
                let of_others = rule.name == OTHER_AGENT && SHARED.contains(&variable(sign));
                let apart = variable(before) != variable(sign) || of_two_values || of_others;
                assert!(apart, "{name} and {}: {before:?}, {sign:?}", rule.name);
            }
            seen.push((rule.name, sign));
        }
    }
}

#[test]
fn names_are_members_that_a_registry_can_declare() {
    let names: Vec<_> = AGENTS.iter().map(|rule| rule.name).collect();
    let letters = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
    };
    assert!(names.iter().all(|name| letters(name)), "{names:?}");
    assert!(!names.contains(&"none"), "that is what nothing is called");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each is there once");
    let (agents, hosts) = names.split_at(AGENTS.iter().take_while(|rule| rule.is_agent).count());
    assert!(AGENTS[agents.len()..].iter().all(|rule| !rule.is_agent), "agents come first");
    assert_eq!(agents.last(), Some(&OTHER_AGENT));
    assert!(agents[..agents.len() - 1].is_sorted() && hosts.is_sorted());
}

#[test]
fn a_host_is_not_an_agent_and_hides_no_agent() {
    for host in AGENTS.iter().filter(|rule| !rule.is_agent) {
        let name = variable(&host.signs[0]);
        assert_eq!(shown(&[(name, "true")]), Some((host.name, false)));
        assert_eq!(shown(&[(name, "true"), ("AI_AGENT", "codex")]), Some(("codex", true)));
        assert_eq!(shown(&[(name, "true"), ("AI_AGENT", "unheard of")]), Some((OTHER_AGENT, true)));
        assert_eq!(shown(&[(name, "true"), ("AI_AGENT", "")]), Some((host.name, false)));
    }
}

#[test]
fn an_agents_variable_is_not_one_of_continuous_integration() {
    let of_ci: BTreeSet<_> = CI.iter().flat_map(|rule| rule.signs).map(variable).collect();
    let of_agents = AGENTS.iter().flat_map(|rule| rule.signs).map(variable);
    assert_eq!(of_agents.filter(|name| of_ci.contains(name)).collect::<Vec<_>>(), [""; 0]);
}

proptest! {
    #[test]
    fn only_an_agents_name_in_the_table_is_shown(
        text in "\\PC{1,40}| {1,3}| ?(0|false|No|OFF) ?", name in prop::sample::select(SHARED.to_vec()),
    ) {
        let is_known = |rule: &&AgentRule| rule.signs.iter().any(|sign| {
            matches!(*sign, EnvRule::Is(variable, value) if variable == name && text.eq_ignore_ascii_case(value))
        });
        // What says no, or nothing, names none.
        let is_no = ["", "0", "false", "no", "off"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
        let expected = AGENTS.iter().find(is_known).unwrap_or(other());
        prop_assert_eq!(shown(&[(name, &text)]), (!is_no).then_some((expected.name, true)));
    }
}
