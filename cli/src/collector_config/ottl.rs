//! OTTL, the Collector's expression language, limited to expressions that can't fail.
//!
//! These have a value for any content of a path: comparison with `==`, checks of a type, a pattern after a check for
//! text, and copies. If a function fails, the Collector answers 503 under `propagate`, and keeps the value under
//! `ignore`.

use std::fmt;

use scruple::registry::Date;

/// The schema URL of a record's resource.
pub const SCHEMA_URL: &str = "resource.schema_url";

/// A statement: its act, and the condition of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    act: String,
    condition: Option<String>,
}

impl Statement {
    /// A statement for every record.
    pub fn new(act: impl Into<String>) -> Self {
        Self { act: act.into(), condition: None }
    }

    /// Writes a value to a path.
    pub fn set(path: &str, value: impl fmt::Display) -> Self {
        Self::new(format!("set({path}, {value})"))
    }

    /// The same for those records only that also satisfy this condition.
    pub fn only(self, condition: impl Into<String>) -> Self {
        let condition = condition.into();
        let condition = match self.condition {
            Some(other) => format!("{} and {}", as_operand(&condition), as_operand(&other)),
            None => condition,
        };
        Self { act: self.act, condition: Some(condition) }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.act)?;
        self.condition.iter().try_for_each(|condition| write!(f, " where {condition}"))
    }
}

/// A condition as an operand of `and`, which binds more strongly than `or`.
fn as_operand(condition: &str) -> String {
    if condition.contains(" or ") { format!("({condition})") } else { condition.to_owned() }
}

/// A string literal, with escaped backslashes and quotes.
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The condition that a path holds text that matches this pattern from its first character to its last.
pub fn is_text(path: &str, pattern: &str) -> String {
    format!("IsString({path}) and IsMatch({path}, {})", literal(&format!("^{pattern}$")))
}

/// Whether a path holds one of these texts; false where there is no text.
pub fn is_one_of<'t>(path: &str, texts: impl IntoIterator<Item = &'t str>) -> String {
    let each: Vec<_> = texts.into_iter().map(|text| format!("{path} == {}", literal(text))).collect();
    if each.is_empty() { "false".to_owned() } else { each.join(" or ") }
}

/// Whether a path holds one of these integers, each as its decimal text; false where there is no integer.
pub fn is_one_integer_of(path: &str, integers: &[&str]) -> String {
    // OTTL reads the digits without their sign, and the lowest integer has no positive one.
    let literal = |integer: &&str| match *integer {
        "-9223372036854775808" => "-9223372036854775807 - 1".to_owned(),
        integer => integer.to_owned(),
    };
    let each: Vec<_> = integers.iter().map(|integer| format!("{path} == {}", literal(integer))).collect();
    if each.is_empty() { "false".to_owned() } else { format!("IsInt({path}) and ({})", each.join(" or ")) }
}

/// Whether a path, which always holds text, is one of these names (letters, digits, `_` and `.`). One pattern for many of
/// them: its cost does not grow with their number.
pub fn is_one_name_of(path: &str, names: &[&str]) -> String {
    const FEW: usize = 8;
    if names.len() <= FEW {
        return is_one_of(path, names.iter().copied());
    }
    let pattern = format!("^({})$", names.join("|").replace('.', "[.]"));
    format!("IsMatch({path}, {})", literal(&pattern))
}

/// A number of nanoseconds, rounded down to a multiple.
pub fn rounded(value: &str, nanoseconds: u64) -> String {
    if nanoseconds > 1 { format!("({value} / {nanoseconds}) * {nanoseconds}") } else { value.to_owned() }
}

/// The condition that a day is not over, in UTC, by the Collector's clock.
pub fn until(day: Date) -> String {
    format!("UnixSeconds(Now()) < {}", day.end())
}

/// Rounds a time down, if there is something to round.
pub fn floor(path: &str, nanoseconds: u64) -> Option<Statement> {
    (nanoseconds > 1).then(|| Statement::set(path, rounded(path, nanoseconds)))
}

/// An id becomes the first digits of its hash.
pub fn hash(path: &str, digits: usize) -> Statement {
    Statement::set(&format!("{path}.string"), format!("Substring(SHA256({path}.string), 0, {digits})"))
}
