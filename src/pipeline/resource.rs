//! The resource: the attributes of the process itself.

use super::os_version;
use crate::identity::{Secret, Session};
use crate::privacy::{Clean, Resource};
use crate::registry::{Registry, Source, Treatment};

/// The declared attributes of the resource.
pub(super) fn of(
    registry: &'static Registry<'static>,
    version: &str,
    session: Option<&Session>,
    secret: &Secret,
) -> Clean<Resource> {
    Clean::resource(registry, |source, key| match (source, key) {
        (Source::Session, "session.id") => Some(session?.id().to_string()),
        (Source::Installation, "service.instance.id") => Some(secret.installation_id().to_string()),
        (source, key) => known(registry, version, source, key),
    })
}

/// The declared keys of the resource, each with its value if that is known without making an id.
pub(super) fn preview(registry: &Registry<'_>, version: &str) -> Vec<(String, Option<String>)> {
    let attributes = registry.resource.iter().filter_map(|&index| registry.attribute(index));
    let value = |treatment: &Treatment<'_>, key| match treatment {
        Treatment::Given { source, .. } => known(registry, version, *source, key),
        _ => None,
    };
    attributes.map(|attribute| (attribute.key.to_owned(), value(&attribute.treatment, attribute.key))).collect()
}

/// A value that is the same in every process of this program on this machine.
fn known(registry: &Registry<'_>, version: &str, source: Source, key: &str) -> Option<String> {
    match (source, key) {
        (Source::App, "service.name") => Some(registry.service.name.to_owned()),
        (Source::App, "service.version") => Some(version.to_owned()),
        (Source::System, "os.type") => Some(os_type().to_owned()),
        (Source::System, "os.version") => os_version::read(),
        (Source::System, "host.arch") => Some(host_arch().to_owned()),
        (Source::Runtime, "process.runtime.name") => Some("rustc".to_owned()),
        (Source::Runtime, "process.runtime.version") => Some(env!("SCRUPLE_RUSTC").to_owned()),
        _ => None,
    }
}

/// The well-known value of `os.type` (semantic conventions, operating system).
fn os_type() -> &'static str {
    match std::env::consts::OS {
        "macos" | "ios" => "darwin",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

/// The well-known value of `host.arch` (semantic conventions, host).
fn host_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}
