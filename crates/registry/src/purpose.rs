//! What data is collected for: a person may agree to some purposes, and not to others.

/// A purpose, with its description for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose<'a> {
    /// Its name: `^[a-z][a-z0-9_]*$`, at most 32 bytes.
    pub name: &'a str,
    /// One sentence.
    pub brief: &'a str,
}

impl Purpose<'static> {
    /// The purpose of what names none.
    pub const USAGE: &'static str = "usage";

    /// The purposes that need no description of the registry's own, sorted by name.
    pub const COMMON: [Self; 3] = [
        Self::new("environment", "What the program runs on."),
        Self::new("failures", "What goes wrong in the program."),
        Self::new(Self::USAGE, "How the program is used."),
    ];

    /// The common description of this purpose.
    pub fn common(name: &str) -> Option<&'static str> {
        Self::COMMON.iter().find(|purpose| purpose.name == name).map(|purpose| purpose.brief)
    }
}

impl<'a> Purpose<'a> {
    #[doc(hidden)]
    pub const fn new(name: &'a str, brief: &'a str) -> Self {
        Self { name, brief }
    }

    /// The words that answer for all purposes at once, and name none.
    const ANSWERS: [&'static str; 9] = ["all", "false", "log", "no", "none", "off", "on", "true", "yes"];

    /// Whether a text has the form of a name: `^[a-z][a-z0-9_]*$`, at most 32 bytes. A word that stands for all purposes,
    /// such as `on` or `no`, is no name.
    pub fn is_name(name: &str) -> bool {
        name.len() <= 32
            && !Self::ANSWERS.contains(&name)
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    }
}
