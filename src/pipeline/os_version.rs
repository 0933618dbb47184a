//! The kernel's version (POSIX.1-2017, `uname`).

/// The first two numbers of the kernel's release: the rest may identify its builder.
pub(super) fn read() -> Option<String> {
    let release = rustix::system::uname();
    two_numbers(release.release().to_str().ok()?)
}

fn two_numbers(release: &str) -> Option<String> {
    let digits = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part.get(..end).filter(|digits| digits.len() <= 4)?.parse::<u16>().ok()
    };
    let (major, rest) = release.split_once('.')?;
    Some(format!("{}.{}", digits(major)?, digits(rest)?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_kernel_release_is_cut_to_two_numbers() {
        let check = |release: &str, expected: Option<&str>| {
            assert_eq!(super::two_numbers(release).as_deref(), expected, "{release}");
        };
        check("6.8.0-45-generic", Some("6.8"));
        check("5.15-alices-laptop", Some("5.15"));
        check("23.6.0", Some("23.6"));
        check("06.010", Some("6.10"));
        check("12345.6", None);
        check("alice", None);
        check("6", None);
        check("alice.bob", None);
    }
}
