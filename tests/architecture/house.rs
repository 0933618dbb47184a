//! What every source file looks like.

use crate::tree::{assert_none, is_generated, workspace};

/// Where the library is: its crates, of which each file is held to all rules.
const LIBRARY: [&str; 3] = ["src/", "crates/check/src/", "crates/registry/src/"];

/// Names that say nothing of what is inside.
const NO_MODULES: &[&str] = &["common", "config", "error", "helpers", "prelude", "types", "util", "utils"];

/// What a library must not do to the program that it is in.
const NO_PANICS: &[&str] = &[".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("];

const MOST_LINES: usize = 400;

/// A source file, by its path below the workspace.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is_in_library(&self) -> bool {
        LIBRARY.iter().any(|folder| self.path.starts_with(folder)) && self.path != "src/build.rs"
    }

    fn is_generated(&self) -> bool {
        is_generated(&self.text)
    }

    /// A file of tests beside the module that it tests.
    fn is_tests(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The lines of code outside tests, with their numbers: no comment is code.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let inside = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let code = if self.is_tests() { "" } else { &self.text[..inside] };
        let lines = code.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// The sources of the library and of the command.
fn sources() -> Vec<Source> {
    let files = workspace().into_iter().flat_map(|package| package.files);
    let sources = files.map(|(path, text)| Source { path, text });
    sources.filter(|source| source.is_in_library() || source.path.starts_with("cli/")).collect()
}

/// Checks one rule on each file: it gives what is wrong and where.
#[track_caller]
fn check(rule: impl Fn(&Source) -> Vec<(usize, String)>) {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were found");
    let wrong = sources.iter().flat_map(|source| {
        rule(source).into_iter().map(|(line, what)| format!("{}:{line}: {what}", source.path)).collect::<Vec<_>>()
    });
    assert_none(wrong);
}

#[test]
fn a_file_opens_with_one_sentence_that_says_what_it_is() {
    check(|source| {
        let first = source.text.lines().map_while(|line| line.strip_prefix("//! ")).collect::<Vec<_>>().join(" ");
        let is_sentence = first.ends_with('.') && !first.contains(". ");
        if is_sentence { Vec::new() } else { vec![(1, format!("not one sentence: {first:?}"))] }
    });
}

#[test]
fn a_file_that_a_person_writes_has_at_most_400_lines() {
    check(|source| {
        let lines = source.text.lines().count();
        if source.is_generated() || lines <= MOST_LINES { Vec::new() } else { vec![(lines, "too long".to_owned())] }
    });
}

#[test]
fn a_module_has_a_name_of_the_field() {
    check(|source| {
        let names = source.path.trim_end_matches(".rs").split('/');
        names.filter(|name| NO_MODULES.contains(name)).map(|name| (1, format!("a module named {name}"))).collect()
    });
}

#[test]
fn a_feature_decides_over_modules_only() {
    check(|source| {
        let lines: Vec<_> = source.text.lines().collect();
        let over_a_module = |line: &str| {
            ["mod ", "pub mod ", "pub(crate) mod ", "pub use "].iter().any(|start| line.starts_with(start))
        };
        let of_feature = lines.iter().enumerate().filter(|(_, line)| {
            !line.trim_start().starts_with("//")
                && ["cfg(", "cfg!(", "cfg_attr("].iter().any(|cfg| line.contains(cfg))
                && line.contains("feature")
        });
        of_feature
            .filter(|(index, line)| {
                !(line.starts_with("#[cfg(") || line.starts_with("#[cfg_attr("))
                    || !lines.get(index + 1).is_some_and(|next| over_a_module(next))
            })
            .map(|(index, _)| (index + 1, "a feature inside a module".to_owned()))
            .collect()
    });
}

#[test]
fn a_lint_is_expected_with_a_reason_and_never_allowed() {
    check(|source| {
        let code = source.code().filter(|_| !source.is_generated());
        code.filter(|(_, line)| {
            let attribute = line.trim_start();
            ["#[allow(", "#![allow("].iter().any(|allow| attribute.starts_with(allow))
                || (attribute.starts_with("#[expect(") && attribute.ends_with(")]") && !attribute.contains("reason = "))
        })
        .map(|(number, line)| (number, line.trim().to_owned()))
        .collect()
    });
}

#[test]
fn the_library_has_no_panic_of_its_own() {
    check(|source| {
        let code = source.code().filter(|_| source.is_in_library());
        code.filter(|(_, line)| NO_PANICS.iter().any(|panic| line.contains(panic)))
            .map(|(number, line)| (number, line.trim().to_owned()))
            .collect()
    });
}
