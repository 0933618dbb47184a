//! What a registry says is read strictly, and all that is written from it is true to it.

/// Each mistake that a registry can hold is refused at its place, with a remedy.
mod bad_registries;
/// The canonical text and the generated file depend on what is declared, and on nothing else.
mod canonical;
/// Charts name attributes, and are in nothing that is sent.
mod charts;
/// What is not declared does not compile, and what is compiles without a warning.
mod compiled;
/// The demo's registry is as the YAML declares it, and as the program has it.
mod demo_registry;
/// Each change of a registry has its verdict and its words, forth and back.
mod diff;
/// What `scruple diff` compares: folders and git revisions.
mod diff_sides;
/// The page that `scruple docs` writes is as it was, whatever the registry's texts look like.
mod docs;
/// What `scruple codegen` writes is current, untouched by rustfmt, without warnings, and true to the registry.
mod generated;
/// Text of a registry stays text: in the generated Rust, in the tables, and on a terminal.
mod hostile;
/// Strict readers of what is written as Markdown and HTML.
#[path = "../markup/mod.rs"]
mod markup;
/// Whatever a folder holds: a registry or findings with places, never a panic.
mod mutated;
/// The first-run notices of the registries in this repository, as a person reads them.
mod notices;
/// What a person reads on the page for each choice that a registry or program has.
mod pages;
/// Check, docs and collector-config take the folders of a program and its libraries at once.
mod several;
/// What the registries of the two published systems declare, row by row.
mod systems;
/// What a reviewer would ask about is warned of at its place, until somebody accepts it.
mod warnings;
