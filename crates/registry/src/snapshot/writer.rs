//! Writes the canonical text of one registry, whose grammar is in the doc of the module above.

use super::terms::{Attribute, RegistryFacts, Signal};
use crate::SignalKind;
use std::borrow::Cow;
use std::fmt::Display;

/// The canonical text.
pub(super) fn write(registry: &RegistryFacts<'_>) -> String {
    let mut lines = vec!["registry 1\n".to_owned(), format!("schema_url {}\n", string(&registry.schema_url))];
    lines.extend(registry.resource.iter().map(|key| format!("resource {}\n", string(key))));
    service(registry, &mut Subject { start: "service".to_owned(), lines: &mut lines });
    for found in &registry.attributes {
        attribute(found, &mut Subject { start: format!("attribute {}", string(&found.key)), lines: &mut lines });
    }
    for found in registry.spans.iter().chain(&registry.events) {
        let start = format!("{} {}", found.is.word(), string(&found.name));
        signal(found, &mut Subject { start, lines: &mut lines });
    }
    lines.sort_unstable();
    lines.concat()
}

/// Lines that begin alike.
struct Subject<'l> {
    start: String,
    lines: &'l mut Vec<String>,
}

impl Subject<'_> {
    fn fact(&mut self, word: &str, value: impl Display) {
        self.lines.push(format!("{} {word} {value}\n", self.start));
    }

    /// A fact for each text.
    fn texts<'t>(&mut self, word: &str, texts: impl IntoIterator<Item = &'t Cow<'t, str>>) {
        texts.into_iter().for_each(|text| self.fact(word, string(text)));
    }
}

fn service(found: &RegistryFacts<'_>, lines: &mut Subject<'_>) {
    lines.texts("app_id", [&found.app_id]);
    lines.texts("name", [&found.name]);
    lines.texts("controller", [&found.controller]);
    lines.texts("endpoint", [&found.endpoint]);
    lines.texts("link", &found.link);
    lines.texts("because", &found.because);
    lines.fact("rotate", found.rotate.word());
    lines.fact("time", found.time.word());
    if found.client_address {
        lines.fact("client_address", "three_octets");
    }
}

fn attribute(found: &Attribute<'_>, lines: &mut Subject<'_>) {
    lines.fact("type", found.way.type_word(!found.members.is_empty()));
    lines.fact("from", found.way.word());
    lines.texts("brief", [&found.brief]);
    lines.texts("because", &found.because);
    lines.texts("field", &found.field);
    lines.texts("member", &found.members);
    lines.texts("otherwise", &found.otherwise);
    lines.texts("absent", &found.absent);
    found.below.iter().for_each(|(bound, label)| lines.fact("below", format_args!("{bound} {}", string(label))));
    lines.texts("rest", &found.rest);
    found.max.iter().for_each(|max| lines.fact("max", max));
    found.normalize.iter().for_each(|normalize| lines.fact("normalize", normalize.word()));
}

fn signal(found: &Signal<'_>, lines: &mut Subject<'_>) {
    lines.texts("brief", [&found.brief]);
    lines.texts("because", &found.because);
    lines.fact("time", found.time.word());
    if found.is == SignalKind::Span {
        lines.fact("kind", found.kind.word());
    }
    if found.at_most < u32::MAX {
        lines.fact("at_most", found.at_most);
    }
    for (key, level) in &found.carries {
        lines.fact("attribute", format_args!("{} {}", string(key), level.word()));
    }
}

/// A JSON string, with no escape that it does not need.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
