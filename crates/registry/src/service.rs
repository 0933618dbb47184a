//! The service: the program, its controller, and its receiver.

use super::construct::setters;
use super::{Expiry, ProgramSettings, Purpose, Rotation, TimeResolution};

/// The program, its controller and its receiver: the annotation on the registry's `service` entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// The program's id as a reversed domain, for example `com.example.mlnet`.
    pub app_id: &'a str,
    /// The value of `service.name`.
    pub name: &'a str,
    /// The value of `service.version`: `env!("CARGO_PKG_VERSION")` in generated tables.
    pub version: &'a str,
    /// The controller of the data, with contact details.
    pub controller: &'a str,
    /// The OTLP base URL: `https`, or `http` on loopback.
    pub endpoint: &'a str,
    /// A public page with more about the telemetry: `https`, at most [`MAX_TEXT`](super::MAX_TEXT) bytes, without a
    /// query or fragment. For people only: it is shown, and never sent or fetched.
    pub link: Option<&'a str>,
    /// Whether the receiver adds three octets of the sender's IPv4 address to each record, as `client.address`. The
    /// program does not know the address and sends none. The receiver selects records by this registry's schema URL, so
    /// a registry with this option has a schema URL of its own.
    pub client_address: bool,
    /// The period of hashes and the installation id.
    pub rotate: Rotation,
    /// The default resolution, which is the finest that a signal without a resolution of its own has.
    pub time: TimeResolution,
    /// The default resolution of a span's duration.
    pub duration: TimeResolution,
    /// The reason for the rotation.
    pub because: Option<&'a str>,
    /// The end of every signal and of the resource.
    pub expires: Expiry,
    /// The purpose of each signal without one of its own.
    pub purpose: &'a str,
    /// The registry's descriptions of purposes, sorted by name; a purpose that is not here has its
    /// [common one](Purpose::common).
    pub purposes: &'a [Purpose<'a>],
    /// How the program asks, and how a person says no.
    pub settings: ProgramSettings<'a>,
}

#[doc(hidden)]
impl<'a> Service<'a> {
    pub const fn new(app_id: &'a str, name: &'a str, version: &'a str, controller: &'a str, endpoint: &'a str) -> Self {
        Self {
            app_id,
            name,
            version,
            controller,
            endpoint,
            link: None,
            client_address: false,
            rotate: Rotation::Monthly,
            time: TimeResolution::Second,
            duration: TimeResolution::Second,
            because: None,
            expires: Expiry::NEVER,
            purpose: Purpose::USAGE,
            purposes: &[],
            settings: ProgramSettings::new(),
        }
    }

    setters!(
        app_id: &'a str, name: &'a str, version: &'a str, controller: &'a str, endpoint: &'a str,
        rotate: Rotation, duration: TimeResolution, expires: Expiry, purpose: &'a str, purposes: &'a [Purpose<'a>],
        settings: ProgramSettings<'a>;
        link: &'a str, because: &'a str
    );

    /// Also of durations, unless `duration` is called later.
    #[must_use]
    pub const fn time(mut self, time: TimeResolution) -> Self {
        (self.time, self.duration) = (time, time);
        self
    }

    #[must_use]
    pub const fn client_address(mut self) -> Self {
        self.client_address = true;
        self
    }
}
