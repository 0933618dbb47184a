//! The structure of the sources, and that the papers name tests that exist.

/// Which module may know which, and what every source file looks like.
mod house;
/// The laws in the crate's documentation name files and tests that exist.
mod laws;
/// Each relative link in a Markdown file leads to a file.
mod links;
/// The examples' READMEs name a test for each row of the two published designs.
mod rows;
