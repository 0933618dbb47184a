//! Whether it may be said: one decision, and the reason for it, from facts read once.
//!
//! [`Facts`] are what the process and its environment say; [`decide`] is pure and total. First match wins, and this
//! is the only list:
//!
//! 1. compiled out: no way out in this build, or `SCRUPLE_OFF` was set when it was built;
//! 2. not the person's own session: another effective user, `SUDO_UID`, `DOAS_USER` or `PKEXEC_UID`, or a home folder
//!    that is unset, relative or somebody else's;
//! 3. the program's opt-out variables: any value but empty, `0`, `false`, `no` and `off` is no;
//! 4. the program's telemetry variable: any value but empty, `1`, `true`, `yes` and `on` is no;
//! 5. `DO_NOT_TRACK`, read like an opt-out variable;
//! 6. `OTEL_SDK_DISABLED=true`, in any case (OpenTelemetry specification, "General SDK Configuration");
//! 7. continuous integration, by the table [`CI`];
//! 8. given: the host's own settings hold the yes;
//! 9. undecided, which records nothing.
//!
//! Words are compared without case and without blanks around them. A value that is not Unicode is a no wherever a
//! value can say no. Nothing below a no overrides it.

mod facts;

pub use facts::{CI, CiRule, Facts, OffSession, Sign, Vendor};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether records are made and sent, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What follows.
    pub mode: Mode,
    /// The first match of the list.
    pub because: Because,
}

/// What follows from a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Records are made and sent.
    On,
    /// Nothing is recorded: somebody or something said no.
    Off,
    /// Nothing is recorded: nobody said yes.
    Undecided,
}

/// The reason for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// There is no way out in this build of the program.
    NoTransport,
    /// `SCRUPLE_OFF` was set when the program was built.
    BuiltOff,
    /// Whose session it is can't be told on this platform.
    Platform,
    /// It is not the person's own session.
    Session(OffSession),
    /// An opt-out variable of the program, by its name.
    OptOutVariable(&'static str),
    /// The telemetry variable of the program, by its name.
    TelemetryVariable(&'static str),
    /// `DO_NOT_TRACK`.
    DoNotTrack,
    /// `OTEL_SDK_DISABLED`.
    OtelSdkDisabled,
    /// Continuous integration, of this vendor.
    Ci(Vendor),
    /// The host's own settings hold the yes.
    Given,
    /// A rehearsal: the environment is not asked, and nothing goes beyond loopback.
    Rehearsal,
    /// Nobody was asked yet.
    Undecided,
    /// The endpoint is not one that may be used.
    Endpoint(crate::registry::NotAnEndpoint),
    /// The registry's tables are not as the library needs them.
    Registry(crate::registry::Unsound),
    /// A rehearsal was to go beyond loopback.
    BeyondLoopback,
    /// The operating system gave no random bytes.
    NoRandom,
    /// The exporter or its thread could not be made.
    NoExporter,
    /// `disable()` was called.
    Disabled,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTransport => f.write_str("this build has no way to send anything"),
            Self::BuiltOff => f.write_str("it was built with SCRUPLE_OFF set"),
            Self::Platform => f.write_str("whose session this is can't be told on this platform"),
            Self::Session(why) => write!(f, "not the person's own session: {why}"),
            Self::OptOutVariable(name) => write!(f, "the variable {name} says no"),
            Self::TelemetryVariable(name) => write!(f, "the variable {name} does not say yes"),
            Self::DoNotTrack => f.write_str("the variable DO_NOT_TRACK says no"),
            Self::OtelSdkDisabled => f.write_str("the variable OTEL_SDK_DISABLED says no"),
            Self::Ci(vendor) => write!(f, "continuous integration: {vendor}"),
            Self::Given => f.write_str("the program's own settings hold the yes"),
            Self::Rehearsal => f.write_str("a rehearsal, which does not leave this machine"),
            Self::Undecided => f.write_str("nobody has been asked"),
            Self::Endpoint(why) => write!(f, "the endpoint is not usable: {why}"),
            Self::Registry(why) => write!(f, "the registry is not usable: {why}"),
            Self::BeyondLoopback => f.write_str("a rehearsal does not send beyond loopback"),
            Self::NoRandom => f.write_str("the operating system gives no random bytes"),
            Self::NoExporter => f.write_str("the exporter could not be made"),
            Self::Disabled => f.write_str("the program turned it off"),
        }
    }
}

/// The one decision.
pub fn decide(facts: &Facts) -> Decision {
    let no = |because| Decision { mode: Mode::Off, because };
    let yes = |because| Decision { mode: Mode::On, because };
    if facts.built_off {
        no(Because::BuiltOff)
    } else if !facts.transport {
        no(Because::NoTransport)
    } else if facts.rehearsal {
        yes(Because::Rehearsal)
    } else if !facts.platform {
        no(Because::Platform)
    } else if let Some(why) = facts.session {
        no(Because::Session(why))
    } else if let Some(name) = facts.opt_out {
        no(Because::OptOutVariable(name))
    } else if let Some(name) = facts.telemetry {
        no(Because::TelemetryVariable(name))
    } else if facts.do_not_track {
        no(Because::DoNotTrack)
    } else if facts.otel_sdk_disabled {
        no(Because::OtelSdkDisabled)
    } else if let Some(vendor) = facts.ci {
        no(Because::Ci(vendor))
    } else if facts.given {
        yes(Because::Given)
    } else {
        Decision { mode: Mode::Undecided, because: Because::Undecided }
    }
}

/// What a program says of itself that bears on the decision.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub(crate) opt_out: Vec<&'static str>,
    pub(crate) telemetry: Option<&'static str>,
    pub(crate) transport: bool,
    pub(crate) given: bool,
    pub(crate) rehearsal: bool,
}

/// Whether it is still on: cheap to look at, and never on again once it is off.
#[derive(Clone)]
pub struct Switch(Arc<State>);

struct State {
    on: Arc<AtomicBool>,
    settings: Settings,
}

impl Switch {
    pub(crate) fn new(settings: Settings, on: bool) -> Self {
        Self(Arc::new(State { on: Arc::new(AtomicBool::new(on)), settings }))
    }

    /// As last known: one load.
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// The flag itself, for those who look at it for each record.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.on)
    }

    /// Reads the facts again; a no turns it off for good.
    pub fn ask(&self) -> bool {
        if self.is_on() && decide(&Facts::read(&self.0.settings)).mode != Mode::On {
            self.turn_off();
        }
        self.is_on()
    }

    /// Off, at once and for good.
    pub fn turn_off(&self) {
        self.0.on.store(false, Ordering::Relaxed);
    }
}
