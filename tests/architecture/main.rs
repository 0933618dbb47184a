//! The structure of the sources, and that the papers name tests that exist.

/// Which module may know which, and what every source file looks like.
mod house;
/// The laws in the crate's documentation name files and tests that exist.
mod laws;
/// The README's rows of two published designs each have a test that is named after it.
mod rows;
