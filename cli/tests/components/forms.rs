//! The search for texts in what was left, also as hexadecimal and base64.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The forms of a text that are taken for the text: itself, hexadecimal, and base64 at each of its three alignments.
pub fn forms(text: &str) -> Vec<String> {
    let hex = |upper: bool| -> String {
        text.bytes().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let base64 = (0..3).map(|shift| {
        let encoded = STANDARD_NO_PAD.encode([vec![0; shift], text.as_bytes().to_vec()].concat());
        // Without the characters that also depend on what stands before and after.
        let (start, end) = (shift.div_ceil(3) * (shift + 1), (shift + text.len()) * 8 / 6);
        encoded[start..end].to_owned()
    });
    [text.to_owned(), hex(false), hex(true)].into_iter().chain(base64).collect()
}

/// Which of these texts are in `haystack`, in any form.
pub fn found<'t>(texts: impl IntoIterator<Item = &'t str>, haystack: &str) -> Vec<&'t str> {
    // Most of what is there is a word of its own, and most of what is not begins as nothing does.
    let words: HashSet<_> = haystack.split(|c: char| !c.is_alphanumeric() && !"_-./+".contains(c)).collect();
    let begins = Begins::of(haystack.as_bytes());
    let is_there = |forms: &[String]| {
        forms.iter().any(|form| words.contains(form.as_str()))
            || forms.iter().any(|form| begins.may_have(form.as_bytes()) && haystack.contains(form))
    };
    texts.into_iter().filter(|text| is_there(&forms(text))).collect()
}

/// Where eight bytes of a text may stand: one bit for each hash.
struct Begins(Vec<bool>);

impl Begins {
    fn of(text: &[u8]) -> Self {
        let mut all = vec![false; 1 << 24];
        text.windows(8).filter_map(Self::slot).for_each(|slot| all[slot] = true);
        Self(all)
    }

    fn may_have(&self, form: &[u8]) -> bool {
        Self::slot(form).is_none_or(|slot| self.0[slot])
    }

    fn slot(text: &[u8]) -> Option<usize> {
        let number = u64::from_le_bytes(*text.first_chunk()?);
        Some((number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize)
    }
}

#[test]
fn a_text_is_found_in_each_of_its_forms() {
    for before in ["", "a", "ab", "abc"] {
        let inside = STANDARD_NO_PAD.encode(format!("{before}alice.liddell{before}"));
        assert_eq!(found(["alice.liddell", "other"], &inside), ["alice.liddell"], "{inside}");
    }
    assert_eq!(found(["alice"], "616c696365"), ["alice"]);
}
