//! The build time of this library: a clock behind it is not trusted.

/// The build time of this library, in seconds since the Unix epoch: `SOURCE_DATE_EPOCH`, if it was set for the build,
/// else the time of the build.
pub const BUILT: u64 = seconds(env!("SCRUPLE_BUILT"));

/// Parses decimal digits in a constant.
const fn seconds(text: &str) -> u64 {
    let mut rest = text.as_bytes();
    let mut value: u64 = 0;
    while let [digit, after @ ..] = rest {
        value = value.saturating_mul(10).saturating_add(digit.saturating_sub(b'0') as u64);
        rest = after;
    }
    value
}
