//! The names of files in the queue: 16 hexadecimal digits, the signal, and the extension.

use crate::registry::SignalKind;
use std::fmt;

/// The final name of a file. A dot before it makes the temporary name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// The same for both files of a process.
    pub(super) stem: u64,
    pub(super) kind: SignalKind,
}

const TRACES: &[u8] = b".traces.jsonl";
const LOGS: &[u8] = b".logs.jsonl";

impl Name {
    /// Parses a name of the exact form.
    pub(super) fn parse(name: &[u8]) -> Option<Self> {
        let (stem, rest) = name.split_at_checked(16)?;
        let kind = match rest {
            TRACES => SignalKind::Span,
            LOGS => SignalKind::Event,
            _ => return None,
        };
        let stem = stem.iter().try_fold(0, |stem: u64, digit| {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            Some(stem << 4 | u64::from(value))
        })?;
        Some(Self { stem, kind })
    }

    /// Parses a temporary name.
    pub(super) fn parse_temporary(name: &[u8]) -> Option<Self> {
        Self::parse(name.strip_prefix(b".")?)
    }

    pub(super) fn temporary(self) -> String {
        format!(".{self}")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signal = match self.kind {
            SignalKind::Span => "traces",
            SignalKind::Event => "logs",
        };
        write!(f, "{:016x}.{signal}.jsonl", self.stem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_only_in_the_form_that_is_written() {
        let check = |name: &str, expected: Option<(u64, SignalKind)>| {
            let read = Name::parse(name.as_bytes());
            assert_eq!(read.map(|name| (name.stem, name.kind)), expected, "{name}");
            if let Some(read) = read {
                assert_eq!(read.to_string(), name);
                assert_eq!(Name::parse_temporary(read.temporary().as_bytes()), Some(read));
            }
        };
        check("0000000000000000.traces.jsonl", Some((0, SignalKind::Span)));
        check("ffffffffffffffff.logs.jsonl", Some((u64::MAX, SignalKind::Event)));
        check("0123456789abcdef.logs.jsonl", Some((0x0123_4567_89ab_cdef, SignalKind::Event)));
        for other in [
            "",
            ".",
            "..",
            "0123456789ABCDEF.logs.jsonl",
            "0123456789abcde.logs.jsonl",
            "0123456789abcdef0.logs.jsonl",
            "0123456789abcdeg.logs.jsonl",
            "0123456789abcdef.metrics.jsonl",
            "0123456789abcdef.logs.jsonl.gz",
            "0123456789abcdef.logs.json",
            "0123456789abcdef.logs",
            ".0123456789abcdef.logs.jsonl",
            "+123456789abcdef.logs.jsonl",
            "0123456789abcdéf.logs.jsonl",
        ] {
            check(other, None);
        }
    }
}
