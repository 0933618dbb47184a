//! The verdict: what `check` says of what left, whether anything planted is in it, and whether all of it arrived.

use scruple::check::{check, read};
use scruple::forward::Lost;
use scruple::privacy::Withheld;
use scruple::registry::SignalKind;

use super::compare::{Comparison, compare};
use super::planted::{Found, Secret, search};
use super::stage::{Run, Stage};
use super::usage::REGISTRY;

/// What is to be said of a run.
pub struct Verdict {
    /// The records, field by field.
    pub comparison: Comparison,
    /// What `check` names in what left.
    pub findings: Vec<String>,
    /// The planted texts, and how often each was found in what left.
    pub planted: Vec<Found>,
    /// What the pipeline counted as withheld where the registry says otherwise: reason, counted, expected.
    pub miscounted: Vec<(Withheld, u64, u64)>,
    /// How many records were not delivered.
    pub undelivered: u64,
    /// How many events the endpoint refused, and has on their spans all the same.
    pub on_spans_alone: u64,
    /// How many events left on their spans and how many were to, where that is not the same.
    pub on_spans: Option<(usize, usize)>,
    /// Requests that were refused, in words.
    pub refused: Vec<String>,
}

impl Verdict {
    /// Judges a run.
    pub fn of(run: &Run, stage: &Stage<'_>, secrets: &[Secret]) -> Self {
        let seen = run.taken.iter().flat_map(|taken| read(taken.signal, taken.format, &taken.bytes).0).collect();
        let comparison = compare(REGISTRY, stage.door, &run.recorder, seen);
        let findings = run.taken.iter().flat_map(|taken| check(&[REGISTRY], taken.signal, taken.format, &taken.bytes));
        let headers = run.taken.iter().flat_map(|taken| &taken.headers);
        let texts: Vec<&[u8]> = run
            .taken
            .iter()
            .map(|taken| taken.bytes.as_slice())
            .chain(headers.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]))
            .collect();
        let counted =
            |why: Withheld| run.withheld.iter().find(|(found, _)| *found == why).map_or(0, |(_, count)| *count);
        let expected = |why: Withheld| comparison.withheld.get(&why).copied().unwrap_or(0);
        let miscounted = Withheld::ALL.into_iter().map(|why| (why, counted(why), expected(why)));
        let events = comparison.blocks.iter().filter(|block| block.left && block.signal == SignalKind::Event).count();
        let wanted = if stage.span_events { events } else { 0 };
        let on_spans = (comparison.on_spans != wanted).then_some((comparison.on_spans, wanted));
        let lost: u64 = run.deliveries.iter().map(|(_, count)| count).sum();
        // A Jaeger takes no events of their own: it has them on their spans then, where all of them happened.
        let rejected = run.deliveries.lost(Lost::Rejected);
        let elsewhere = if stage.span_events && rejected == events as u64 { rejected } else { 0 };
        Self {
            findings: findings.map(|finding| finding.to_string()).collect(),
            planted: search(secrets, REGISTRY, &texts),
            miscounted: miscounted.filter(|(_, counted, expected)| counted != expected).collect(),
            undelivered: lost + run.deliveries.waiting() - elsewhere,
            on_spans_alone: elsewhere,
            on_spans,
            refused: run.refusals.iter().map(|refusal| refusal.why.to_string()).collect(),
            comparison,
        }
    }

    /// How many of the planted texts were searched for, and how often any was found.
    pub fn searched(&self) -> (usize, usize) {
        let times = self.planted.iter().filter_map(|found| found.times);
        (times.clone().count(), times.sum())
    }

    /// Whether nothing but what is declared left, and all of that.
    pub fn is_clean(&self) -> bool {
        self.objections().is_empty()
    }

    /// What is wrong, a sentence each.
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
        all.extend(unexpected.iter().map(|what| format!("left, and was not to: {what}")));
        all.extend(missing.iter().map(|what| format!("was to leave, and did not: {what}")));
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

/// A number with its noun.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
