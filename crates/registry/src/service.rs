//! Who reports, and to whom.

use super::{Rotation, TimeResolution};

/// Who reports, to whom: the annotation on the registry's `service` entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// The program's id as a reversed domain, for example `com.example.mlnet`.
    pub app_id: &'a str,
    /// What `service.name` says.
    pub name: &'a str,
    /// What `service.version` says: `env!("CARGO_PKG_VERSION")` in generated tables.
    pub version: &'a str,
    /// Who answers for the data, and how to reach them.
    pub controller: &'a str,
    /// The OTLP base URL: `https`, or `http` on loopback.
    pub endpoint: &'a str,
    /// The public page that says more about the telemetry: `https`, at most [`MAX_TEXT`](super::MAX_TEXT) bytes, without a query or
    /// fragment. For people only: it is shown, and never sent or fetched.
    pub link: Option<&'a str>,
    /// Whether whoever receives a record adds three octets of the IPv4 address that it came from, as `client.address`. The
    /// program knows no address and sends none. It adds them to records with this registry's schema URL alone, so that one
    /// that says so has a URL of its own.
    pub client_address: bool,
    /// How often hashes and the installation id change.
    pub rotate: Rotation,
    /// The finest time that a signal without a grain of its own reports.
    pub time: TimeResolution,
    /// Why the rotation is what it is.
    pub because: Option<&'a str>,
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
            because: None,
        }
    }

    #[must_use]
    pub const fn app_id(mut self, app_id: &'a str) -> Self {
        self.app_id = app_id;
        self
    }

    #[must_use]
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    #[must_use]
    pub const fn version(mut self, version: &'a str) -> Self {
        self.version = version;
        self
    }

    #[must_use]
    pub const fn controller(mut self, controller: &'a str) -> Self {
        self.controller = controller;
        self
    }

    #[must_use]
    pub const fn endpoint(mut self, endpoint: &'a str) -> Self {
        self.endpoint = endpoint;
        self
    }

    #[must_use]
    pub const fn link(mut self, link: &'a str) -> Self {
        self.link = Some(link);
        self
    }

    #[must_use]
    pub const fn client_address(mut self) -> Self {
        self.client_address = true;
        self
    }

    #[must_use]
    pub const fn rotate(mut self, rotate: Rotation) -> Self {
        self.rotate = rotate;
        self
    }

    #[must_use]
    pub const fn time(mut self, time: TimeResolution) -> Self {
        self.time = time;
        self
    }

    #[must_use]
    pub const fn because(mut self, because: &'a str) -> Self {
        self.because = Some(because);
        self
    }
}
