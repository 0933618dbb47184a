//! What arrived, and whether a marker is in it in any form.

use super::carrier::{Carrier, Marker};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use scruple_fixtures::{Arrived, trials};
use std::io::Read;

trials! { every_form_is_found }

/// All requests of one run: their bytes, and what they mean.
#[derive(Default)]
pub struct Haystack {
    /// Heads, bodies and uncompressed bodies.
    bytes: Vec<u8>,
    /// The same as text: ASCII stays what it is, whatever is beside it.
    text: String,
    /// The text form of the messages that are protobuf.
    shown: String,
}

impl Haystack {
    pub fn new(arrived: Vec<Arrived>) -> Self {
        let mut all = Self::default();
        for Arrived { head, message } in arrived {
            let mut uncompressed = Vec::new();
            // What is not compressed ends at once.
            let _ = GzDecoder::new(message.as_slice()).read_to_end(&mut uncompressed);
            for part in [head.join("\n").into_bytes(), message, uncompressed] {
                // The wrong one of the two is no message, or mostly empty.
                let spans = ExportTraceServiceRequest::decode(part.as_slice()).map(|spans| format!("{spans:?}"));
                let logs = ExportLogsServiceRequest::decode(part.as_slice()).map(|logs| format!("{logs:?}"));
                all.shown.extend(spans.into_iter().chain(logs));
                all.bytes.extend(part);
                all.bytes.push(b'\n');
            }
        }
        all.text = String::from_utf8_lossy(&all.bytes).into_owned();
        all
    }

    /// The form in which the marker is here, if it is.
    pub fn find(&self, carrier: &Carrier) -> Option<&'static str> {
        match carrier.marker {
            Marker::Shown(shown) => {
                let found = |text: &&str| self.shown.contains(*text) || self.text.contains(*text);
                shown.iter().any(found).then_some("in the message")
            }
            Marker::Time(time) => {
                let digits = time.to_string();
                let raw = || self.bytes.windows(8).any(|bytes| bytes == time.to_le_bytes());
                (self.shown.contains(&digits) || self.text.contains(&digits) || raw()).then_some("as a time")
            }
            Marker::Named | Marker::Text(_) => {
                let text = carrier.text()?;
                forms(&text).into_iter().find(|(_, form)| self.text.contains(form)).map(|(name, _)| name)
            }
        }
    }

    pub fn count(&self, text: &str) -> usize {
        self.text.matches(text).count()
    }
}

/// What a text in ASCII may look like in a request, the likeliest first.
fn forms(text: &str) -> Vec<(&'static str, String)> {
    let digits = |digits: fn(u8) -> String, between| text.bytes().map(digits).collect::<Vec<_>>().join(between);
    let mut forms = vec![
        ("raw", text.to_owned()),
        ("in upper case", text.to_ascii_uppercase()),
        ("in lower case", text.to_ascii_lowercase()),
        ("as hexadecimal", digits(|byte| format!("{byte:02x}"), "")),
        ("as hexadecimal in upper case", digits(|byte| format!("{byte:02X}"), "")),
        ("as hexadecimal with blanks", digits(|byte| format!("{byte:02x}"), " ")),
        ("as a list of numbers", digits(|byte| byte.to_string(), ", ")),
    ];
    for before in 0..3 {
        let padded = ["???".split_at(before).0, text].concat();
        let encoded = STANDARD_NO_PAD.encode(&padded);
        // Only the characters that depend on nothing but the text.
        forms.push(("as base64", encoded[(before * 8).div_ceil(6)..padded.len() * 8 / 6].to_owned()));
    }
    forms
}

/// The search finds what it looks for in each form, in a head and in a body, compressed or not.
fn every_form_is_found() {
    let carrier = Carrier::named("search", super::carrier::Plant::Always);
    let text = carrier.planted();
    let mut forms: Vec<_> = [text.to_owned(), text.to_ascii_uppercase()].map(String::into_bytes).into();
    forms.push(text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    forms.push(text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes());
    forms.extend(
        (0..3).map(|before| STANDARD_NO_PAD.encode(["\0\u{1}\u{2}".split_at(before).0, text, "z"].concat()).into()),
    );
    for form in forms {
        let mut compressed = Vec::new();
        flate2::read::GzEncoder::new(form.as_slice(), flate2::Compression::fast())
            .read_to_end(&mut compressed)
            .unwrap();
        let head = vec![String::from_utf8(form.clone()).unwrap()];
        for (head, message) in [(head, Vec::new()), (Vec::new(), form.clone()), (Vec::new(), compressed)] {
            let found = Haystack::new(vec![Arrived { head, message }]).find(&carrier);
            assert!(found.is_some(), "{}", String::from_utf8_lossy(&form));
        }
    }
    let other = Arrived { head: Vec::new(), message: b"qz-search-".to_vec() };
    assert_eq!(Haystack::new(vec![other]).find(&carrier), None);
}
