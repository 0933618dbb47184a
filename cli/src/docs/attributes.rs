//! The section of an attribute.

use scruple::registry::Treatment;

use super::page::{Page, Text, anchor, code, fact, plain, signal_section};
use super::{governance, words};
use crate::registry::{Attribute, Member, Owned, Signal};

/// The section of an attribute, by its index; `subject` is the program or the library.
pub fn attribute(page: &mut Page, owned: &Owned, subject: &str, index: usize) {
    let Some(attribute) = owned.attributes.get(index) else { return };
    let table = &attribute.table;
    page.heading(3, anchor(attribute, owned, index), vec![code(table.key)]);
    page.paragraph(vec![plain(table.brief)]);
    page.paragraph(attribute.prose.note.into_iter().map(plain).collect());
    let wire = table.treatment.kind().wire_type(!table.treatment.members().is_empty());
    let mut facts = vec![
        fact("Type", vec![code(wire.word()), plain(words::meaning(&table.treatment))]),
        fact("Sent", vec![plain(words::treatment(owned, subject, table))]),
    ];
    facts.extend(table.because.iter().map(|because| fact("Reason", vec![plain(*because)])));
    facts.extend(
        table.purpose.map(|purpose| fact("Purpose", vec![code(purpose), plain(", beside that of its record")])),
    );
    facts.extend(governance::facts(&attribute.governance, table.expires));
    facts.push(fact("Example", vec![code(words::example(owned, attribute))]));
    facts.push(fact("Sent with", carriers(owned, index)));
    page.list(facts);
    values(page, attribute);
}

/// The records that carry it.
fn carriers(owned: &Owned, index: usize) -> Text {
    if owned.resource.iter().any(|used| usize::from(*used) == index) {
        return vec![plain("every record")];
    }
    let carries = |signal: &&Signal| signal.table.attributes.iter().any(|used| usize::from(used.attribute) == index);
    let spans = owned.spans.iter().filter(carries).map(|signal| signal_section("span", signal));
    let events = owned.events.iter().filter(carries).map(|signal| signal_section("event", signal));
    let mut text = Text::new();
    for carrier in spans.chain(events) {
        if !text.is_empty() {
            text.push(plain(", "));
        }
        text.push(carrier);
    }
    if text.is_empty() { vec![plain("no record: it is declared, and not sent")] } else { text }
}

fn values(page: &mut Page, attribute: &Attribute) {
    let meaning = |member: &Member| member.brief.into_iter().map(plain).collect::<Text>();
    match attribute.table.treatment {
        Treatment::Bucket { below, .. } => {
            let row = |(index, (value, member)): (usize, (&str, &Member))| {
                vec![vec![code(value)], vec![plain(range(below, index))], meaning(member)]
            };
            let rows = attribute.values().enumerate().map(row).collect();
            page.table(&["Value", "Numbers", "Meaning"], rows);
        }
        Treatment::Names { members } => {
            let mut text = Text::new();
            for member in members {
                text.push(if text.is_empty() { plain("The names: ") } else { plain(", ") });
                text.push(code(*member));
            }
            page.paragraph(text);
        }
        _ if !attribute.members.is_empty() => {
            let rows = attribute.values().map(|(value, member)| vec![vec![code(value)], meaning(member)]);
            page.table(&["Value", "Meaning"], rows.collect());
        }
        _ => {}
    }
}

/// The numbers of a bucket.
fn range(below: &[i64], index: usize) -> String {
    let from = index.checked_sub(1).and_then(|before| below.get(before));
    match (from, below.get(index)) {
        (None, None) => "all".to_owned(),
        (None, Some(end)) => format!("below {}", words::number(*end)),
        (Some(from), Some(end)) => format!("from {} to below {}", words::number(*from), words::number(*end)),
        (Some(from), None) => format!("{} and more", words::number(*from)),
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn the_ranges_of_buckets_meet_and_leave_nothing_out() {
        let check = |below: &[i64], expected: &[&str]| {
            let is: Vec<_> = (0..=below.len()).map(|index| range(below, index)).collect();
            assert_eq!(is, expected);
        };
        check(&[], &["all"]);
        check(&[1_024], &["below 1,024", "1,024 and more"]);
        check(&[-5, 10], &["below -5", "from -5 to below 10", "10 and more"]);
        check(
            &[i64::MIN, i64::MAX],
            &[
                "below -9,223,372,036,854,775,808",
                "from -9,223,372,036,854,775,808 to below 9,223,372,036,854,775,807",
                "9,223,372,036,854,775,807 and more",
            ],
        );
    }
}
