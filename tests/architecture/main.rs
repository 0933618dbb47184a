//! The structure of the sources, and that the papers name tests that exist.

/// No circle of files.
mod circles;
/// Which module may name which.
mod floors;
/// Which file names items of which.
mod graph;
/// What every source file looks like.
mod house;
/// The laws in the crate's documentation name files and tests that exist.
mod laws;
/// The root's workspace has no engine of the report's.
mod light;
/// Each relative link in a Markdown file leads to a file.
mod links;
/// A type's name means one thing.
mod names;
/// Words with another in their place.
mod retired;
/// The examples' READMEs name a test for each row of the two published designs.
mod rows;
/// The sources.
mod tree;
