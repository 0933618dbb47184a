//! What an uploader gets of its host's environment and arguments.

use std::ffi::{OsStr, OsString};

/// The variables of the network.
const NETWORK: [&str; 7] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"];

/// The longest name of a program in a file that is several in one, in bytes.
const MAX_PROGRAM_NAME: usize = 32;

/// The variables of the network, and these of the system, as far as they are set.
pub(super) fn variables(of_system: &[&'static str]) -> impl Iterator<Item = (&'static str, OsString)> {
    of_system.iter().copied().chain(NETWORK).filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// The first argument, if it can be the name of a program: programs that are several in one choose by it.
pub(super) fn argument() -> Option<OsString> {
    std::env::args_os().nth(1).filter(|first| is_of_program(first))
}

/// Whether an argument can be the name of a program in a file that is several in one. Every user can read the arguments
/// of an uploader, which outlives its host: no option, no path and no text of a person is handed down.
fn is_of_program(argument: &OsStr) -> bool {
    let bytes = argument.as_encoded_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_PROGRAM_NAME).contains(&bytes.len()) && !bytes.starts_with(b"-") && bytes.iter().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::{MAX_PROGRAM_NAME, is_of_program};
    use std::ffi::OsStr;

    #[test]
    fn only_the_name_of_a_program_is_handed_down() {
        for name in ["words", "sha256sum", "git-lfs", "x_y", &"a".repeat(MAX_PROGRAM_NAME)] {
            assert!(is_of_program(OsStr::new(name)), "{name}");
        }
        for other in [
            "",
            "-",
            "--token=secret",
            "/home/jane/letter.txt",
            "letter.txt",
            "a b",
            "é",
            &"a".repeat(MAX_PROGRAM_NAME + 1),
        ] {
            assert!(!is_of_program(OsStr::new(other)), "{other}");
        }
    }
}
