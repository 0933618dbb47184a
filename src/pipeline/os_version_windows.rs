//! The version of Windows.

use windows_version::OsVersion;

/// The first two numbers, as on other systems.
pub(super) fn read() -> Option<String> {
    let OsVersion { major, minor, .. } = OsVersion::current();
    Some(format!("{major}.{minor}"))
}
