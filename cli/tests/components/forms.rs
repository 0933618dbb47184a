//! The search for texts in what was left, also as hexadecimal and base64.

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
    texts.into_iter().filter(|text| forms(text).iter().any(|form| haystack.contains(form))).collect()
}

#[test]
fn a_text_is_found_in_each_of_its_forms() {
    for before in ["", "a", "ab", "abc"] {
        let inside = STANDARD_NO_PAD.encode(format!("{before}alice.liddell{before}"));
        assert_eq!(found(["alice.liddell", "other"], &inside), ["alice.liddell"], "{inside}");
    }
    assert_eq!(found(["alice"], "616c696365"), ["alice"]);
}
