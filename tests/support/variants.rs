//! The variants of an enum, read from its source: a list of values in a test misses none.

/// The names of the variants of a public enum, in their order.
pub fn variants<'s>(source: &'s str, name: &str) -> Vec<&'s str> {
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).expect("the enum is there");
    let (body, _) = body.split_once("\n}").expect("it ends");
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    names.map(head).collect()
}

/// The name in front of a variant's fields, in source or as `Debug` writes it.
pub fn head(variant: &str) -> &str {
    variant.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}
