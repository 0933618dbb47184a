//! The versions of one program: a record is judged by the declarations of its own schema URL.
//!
//! The current version also judges the records with any other schema URL, or with none. The first statement removes
//! such a URL, so that each later condition compares with declared ones only. Each record satisfies the condition of one
//! version: the current one's is the negation of all others.

use scruple::registry::Registry;

use super::address::Address;
use super::options::Options;
use super::ottl::{SCHEMA_URL, literal};
/// A version's declarations, and the source of the address if its notice names the address.
pub struct Version<'r> {
    pub registry: &'r Registry<'r>,
    pub address: Option<Address>,
}

/// The current version, then the others.
pub struct ProgramVersions<'r> {
    pub current: Version<'r>,
    others: Vec<Version<'r>>,
}

impl<'r> ProgramVersions<'r> {
    pub fn new(current: &'r Registry<'r>, others: &[&'r Registry<'r>], options: &Options) -> Self {
        let version = |registry: &'r Registry<'r>| Version { registry, address: Address::of(registry, options) };
        Self { current: version(current), others: others.iter().map(|registry| version(registry)).collect() }
    }

    pub fn all(&self) -> impl Iterator<Item = &Version<'r>> {
        std::iter::once(&self.current).chain(&self.others)
    }

    pub fn urls(&self) -> impl Iterator<Item = &'r str> {
        self.all().map(|version| version.registry.schema_url)
    }

    /// The condition that a schema URL is not declared.
    pub fn is_unknown(&self) -> String {
        is_none_of(self.urls())
    }

    /// The condition that a record is judged by one of these versions, numbered from 0; `None` if each is among them.
    pub fn is_of(&self, of: &[usize]) -> Option<String> {
        let (these, others): (Vec<_>, Vec<_>) = self.urls().enumerate().partition(|(index, _)| of.contains(index));
        let urls = |numbered: Vec<(usize, &'r str)>| numbered.into_iter().map(|(_, url)| url);
        match (others.is_empty(), of.contains(&0)) {
            (true, _) => None,
            (false, true) => Some(is_none_of(urls(others))),
            (false, false) => {
                let each: Vec<_> = urls(these).map(|url| format!("{SCHEMA_URL} == {}", literal(url))).collect();
                Some(format!("({})", each.join(" or ")))
            }
        }
    }
}

fn is_none_of<'t>(urls: impl Iterator<Item = &'t str>) -> String {
    urls.map(|url| format!("{SCHEMA_URL} != {}", literal(url))).collect::<Vec<_>>().join(" and ")
}
