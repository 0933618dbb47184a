//! Text broken between words.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Lines of at most so many columns, broken at blanks alone: a word that is longer stands over. Each is named, since
/// another crate's features would choose other ones.
pub(crate) fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
}
