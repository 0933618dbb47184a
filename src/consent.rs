//! Whether it may be said: one decision, and the reason for it, from facts read once.
//!
//! [`Facts`] are what the process, its environment and its files say; [`decide`] is pure and total. The first rule of
//! [`RULES`] that gives a reason decides, and this is that table:
//!
//! 1. compiled out: no exporter in this build, or `SCRUPLE_OFF` was set when it was built;
//! 2. a rehearsal: it does not read the environment, and sends nothing beyond loopback;
//! 3. not the person's own session: another effective user, `SUDO_UID`, `DOAS_USER` or `PKEXEC_UID`, a home folder that
//!    is unset, relative or another user's, or a platform where this is unknown;
//! 4. the program's opt-out variables: any value but empty, `0`, `false`, `no` and `off` is no;
//! 5. the program's telemetry variable: any value but empty, `1`, `true`, `yes`, `on` and `log` is no;
//! 6. `DO_NOT_TRACK`, read like an opt-out variable;
//! 7. `OTEL_SDK_DISABLED=true`, in any case (OpenTelemetry specification, "General SDK Configuration");
//! 8. the organisation's file, for this app or for all: anything in it but `telemetry = "on"` is no, and that is merely
//!    no objection;
//! 9. the project's file `.telemetry.toml`, read likewise, from the working directory upwards to the root of its
//!    repository, the home folder, or the end of the device;
//! 10. continuous integration, by the table [`CI`];
//! 11. a run that asks only for help or for the version, or for nothing;
//! 12. the stored answer is no, or can't be read;
//! 13. the stored answer is yes, and covers what this program collects;
//! 14. a notice was shown that covers it, and the waiting time is over, both that which it promised and the program's
//!     own ([`Preset::FirstRun`]); none counts while the clock is behind the build, and none from the future;
//! 15. documented: a library's users are told by its documentation ([`Preset::Documented`]);
//! 16. given: the host's own settings hold the yes ([`Preset::OperatorConsent`]);
//! 17. undecided, which records nothing.
//!
//! Words are compared without case and without blanks around them. A value that is not Unicode is a no wherever a
//! value can say no. A file is absent only if nothing has its name; one that can't be read or is not understood is a no,
//! and so is a symbolic link without a target on the way to one. Nothing below a no overrides it.
//!
//! With `log` in the telemetry variable, records are made and printed where the walk ends on or undecided, and are not
//! sent.

mod agent;
mod answer;
mod ci;
mod decision;
mod environment;
mod facts;
mod notice;
mod rules;
mod settings;
mod sources;
mod stored;
mod switch;
#[cfg_attr(not(unix), path = "consent/terminal_nowhere.rs")]
mod terminal;
mod variable;
pub(crate) mod word;

pub use agent::{AGENTS, AgentRule, OTHER_AGENT};
pub use ci::{CI, CiRule, EnvRule, Vendor};
pub use decision::{Decision, Mode, Reason};
pub use facts::{Facts, ForeignSession, Informational};
pub use notice::{CollectionStart, NoticeContext, notice};
pub use rules::{RULES, Rule, Source, decide};
pub use settings::{Preset, Settings, Wait};
pub use sources::SourceStatus;
pub use stored::{AnswerError, NoticeState, Stored};
pub use switch::Switch;
pub use word::OptOutFile;

pub(crate) use agent::agent;
pub(crate) use answer::{ANSWERS, Answer, answer, is_writable, told};
pub(crate) use sources::{shortened, sources};
pub(crate) use terminal::is_read;
