//! The verdict: the findings of `check` in the data that left, the planted texts in it, and whether all of it arrived.

use scruple::LossReason;
use scruple::check::{check, read};
use scruple::privacy::DropReason;
use scruple::registry::{SignalKind, count};

use super::compare::{Comparison, compare};
use super::planted::{Found, Private, search};
use super::stage::{Run, Stage};
use super::usage::REGISTRY;

/// The verdict on a run.
pub struct Verdict {
    /// The records, field by field.
    pub comparison: Comparison,
    /// The findings of `check` in the data that left.
    pub findings: Vec<String>,
    /// The planted texts, with the number of matches in the data that left.
    pub planted: Vec<Found>,
    /// The wrong counts of withheld values: reason, counted by the pipeline, expected from the registry.
    pub miscounted: Vec<(DropReason, u64, u64)>,
    /// The number of undelivered records.
    pub undelivered: u64,
    /// Whether the endpoint seems to have refused exactly the events.
    pub events_rejected: bool,
    /// The number of events that the endpoint refused but still has on their spans.
    pub on_spans_alone: u64,
    /// The actual and the expected number of events on their spans, if they differ.
    pub on_spans: Option<(usize, usize)>,
    /// The reasons of the refused requests.
    pub refused: Vec<String>,
}

impl Verdict {
    /// Judges a run.
    pub fn of(run: &Run, stage: &Stage<'_>, private: &[Private]) -> Self {
        let seen = run.taken.iter().flat_map(|taken| read(taken.signal, taken.format, &taken.bytes).0).collect();
        let comparison = compare(REGISTRY, &run.recorder, seen);
        let findings = run.taken.iter().flat_map(|taken| check(&[REGISTRY], taken.signal, taken.format, &taken.bytes));
        let headers = run.taken.iter().flat_map(|taken| &taken.headers);
        let texts: Vec<&[u8]> = run
            .taken
            .iter()
            .map(|taken| taken.bytes.as_slice())
            .chain(headers.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]))
            .collect();
        let counted =
            |why: DropReason| run.withheld.iter().find(|(found, _)| *found == why).map_or(0, |(_, count)| *count);
        let expected = |why: DropReason| comparison.withheld.get(&why).copied().unwrap_or(0);
        let miscounted = DropReason::ALL.into_iter().map(|why| (why, counted(why), expected(why)));
        let events = comparison.blocks.iter().filter(|block| block.left && block.signal == SignalKind::Event).count();
        let left = comparison.blocks.iter().filter(|block| block.left).count() as u64;
        let wanted = if stage.span_events { events } else { 0 };
        let on_spans = (comparison.on_spans != wanted).then_some((comparison.on_spans, wanted));
        // Jaeger refuses log records, but with --span-events it has each event on its span.
        let rejected: u64 =
            run.delivered.lost.iter().filter(|(why, _)| *why == LossReason::Rejected).map(|(_, count)| count).sum();
        let events_rejected = events > 0 && rejected == events as u64 && run.delivered.missing() == rejected;
        let elsewhere = if stage.span_events && events_rejected { rejected } else { 0 };
        Self {
            findings: findings.map(|finding| finding.to_string()).collect(),
            planted: search(private, REGISTRY, &texts),
            miscounted: miscounted.filter(|(_, counted, expected)| counted != expected).collect(),
            undelivered: run.delivered.missing().max(left.saturating_sub(run.delivered.sent)) - elsewhere,
            on_spans_alone: elsewhere,
            events_rejected,
            on_spans,
            refused: run.refusals.iter().map(|refusal| refusal.why.to_string()).collect(),
            comparison,
        }
    }

    /// The number of planted texts that were searched for, and the number of all matches.
    pub fn searched(&self) -> (usize, usize) {
        let times = self.planted.iter().filter_map(|found| found.times);
        (times.clone().count(), times.sum())
    }

    /// Whether all declared data arrived, and nothing else left.
    pub fn is_clean(&self) -> bool {
        self.objections().is_empty()
    }

    /// One sentence for each failure.
    pub fn objections(&self) -> Vec<String> {
        let Comparison { missing, unexpected, .. } = &self.comparison;
        let mut all = Vec::new();
        all.extend(
            self.planted
                .iter()
                .filter(|found| found.times.is_some_and(|times| times > 0))
                .map(|found| format!("{} left", found.what)),
        );
        all.extend(self.findings.iter().map(|finding| format!("check: {finding}")));
        all.extend(unexpected.iter().map(|what| format!("left, but should not have: {what}")));
        all.extend(missing.iter().map(|what| format!("should have left, but did not: {what}")));
        all.extend(
            self.miscounted
                .iter()
                .map(|(why, counted, expected)| format!("{why}: {counted} withheld, {expected} expected")),
        );
        all.extend(self.refused.iter().map(|why| format!("the receiver refused a request: {why}")));
        if let Some((found, wanted)) = self.on_spans {
            all.push(format!("{found} events on spans, {wanted} expected"));
        }
        if self.undelivered > 0 {
            all.push(format!("{} not delivered", count(self.undelivered, "record")));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::planted::{Machine, private};
    use crate::demo::program::Job;
    use crate::demo::stage::{Instrumentation, NoRun, SentData};
    use crate::receive::Protocol;

    /// Runs the demo, changes its result, and expects an objection with each of these texts; without texts, no
    /// objection.
    fn check(change: impl FnOnce(&mut Run), expected: &[&str]) {
        let stage = Stage {
            door: Instrumentation::Layer,
            protocol: Protocol::Http,
            to: None,
            span_events: false,
            ignore_environment: true,
        };
        let machine = Machine { user: None, home: None, host: None };
        let job = Job { dataset: None, label: None, arguments: &[], machine: &machine };
        let mut run = match stage.run(&job) {
            Ok(run) => run,
            Err(NoRun::Off(decision)) => panic!("{decision:?}"),
            Err(NoRun::Receiver(error)) => panic!("{error}"),
        };
        change(&mut run);
        let verdict = Verdict::of(&run, &stage, &private(&machine, None, &[]));
        let objections = verdict.objections();
        for words in expected {
            assert!(objections.iter().any(|found| found.contains(words)), "{words}: {objections:#?}");
        }
        assert_eq!(verdict.is_clean(), expected.is_empty(), "{objections:#?}");
    }

    /// Replaces a text by another one of the same length.
    fn replace(run: &mut Run, from: &str, to: &str) {
        assert_eq!(from.len(), to.len());
        let mut times = 0;
        for SentData { bytes, .. } in &mut run.taken {
            for at in 0..bytes.len() {
                if bytes[at..].starts_with(from.as_bytes()) {
                    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
                    times += 1;
                }
            }
        }
        assert!(times > 0, "{from}");
    }

    #[test]
    fn an_unchanged_run_is_clean() {
        check(|_| {}, &[]);
    }

    #[test]
    fn a_planted_text_that_left_is_an_objection() {
        check(|run| replace(run, "scruple-demo", "janes-laptop"), &["invented host left", "check: "]);
        check(|run| run.taken[0].headers.push(("cookie".into(), "u=jane.doe".into())), &["invented user left"]);
    }

    #[test]
    fn a_value_that_changed_on_its_way_is_an_objection() {
        check(|run| replace(run, "<64KiB", "<1 MiB"), &["did not: demo.dataset.size of demo.dataset.loaded"]);
        check(|run| replace(run, "demo.label.chosen", "demo.label.choice"), &["demo.label.chosen of demo.command"]);
    }

    #[test]
    fn a_record_that_did_not_leave_is_an_objection() {
        check(|run| run.taken.retain(|taken| taken.signal == SignalKind::Span), &["did not: event demo.profile.saved"]);
        check(|run| run.taken.clear(), &["did not: span demo.command", "did not: resource session.id"]);
    }

    #[test]
    fn a_record_that_did_not_arrive_is_an_objection() {
        check(|run| run.delivered.sent = 9, &["1 record not delivered"]);
        check(|run| run.delivered.waiting = 1, &["1 record not delivered"]);
        check(|run| run.delivered.lost.push((LossReason::Rejected, 2)), &["2 records not delivered"]);
    }

    #[test]
    fn a_record_that_left_twice_is_an_objection() {
        let again = |run: &mut Run| {
            let SentData { signal, protocol, format, ref bytes, .. } = run.taken[0];
            let copy = SentData { signal, protocol, format, bytes: bytes.clone(), headers: Vec::new() };
            run.taken.push(copy);
        };
        check(again, &["left, but should not have: "]);
    }

    #[test]
    fn a_count_that_the_registry_does_not_explain_is_an_objection() {
        check(|run| run.withheld.clear(), &["undeclared field: 0 withheld, 9 expected"]);
        check(|run| run.withheld.push((DropReason::OverLimit, 1)), &["1 withheld, 0 expected"]);
    }
}
