//! The id of an app, which names its folders on every system.

/// The longest name or key, in bytes.
pub(super) const MAX_NAME: usize = 128;

/// Whether it is one path component on every system: letters, digits, `-`, `_` and single dots inside, at most 128
/// bytes, and not the [name of a device](names_device).
pub fn is_app_id(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    text.len() <= MAX_NAME && text.split('.').all(part) && !names_device(text)
}

/// Whether Windows takes a file with this name for a device: whatever follows the first dot (Windows API, "Naming
/// files, paths, and namespaces").
pub fn names_device(text: &str) -> bool {
    let first = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_port = |kind| first.strip_prefix(kind).is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']));
    ["aux", "con", "nul", "prn"].contains(&first.as_str()) || ["com", "lpt"].into_iter().any(is_port)
}

#[cfg(test)]
mod tests {
    use super::is_app_id;

    #[test]
    fn a_device_of_windows_is_no_app_id() {
        for id in ["words", "com.example.words", "com.example.con", "com10.words", "console", "nul-words", "conin"] {
            assert!(is_app_id(id), "{id}");
        }
        for id in ["con", "NUL", "aux.words", "Prn.example.words", "com1", "COM0.a", "lpt9.example", "conin$", "a b"] {
            assert!(!is_app_id(id), "{id}");
        }
    }
}
