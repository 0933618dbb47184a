//! Decides whether telemetry is on: one decision, with its reason, from facts that are read once.
//!
//! [`Facts`] are the state of the process, its environment and its files; [`decide`] is pure and total. The first rule
//! of [`RULES`] that gives a reason decides. The rules, in order:
//!
//! 1. compiled out: no exporter in this build, or `SCRUPLE_OFF` was set when it was built;
//! 2. a rehearsal: it does not read the environment, and sends nothing beyond loopback;
//! 3. not the person's own session: another effective user, `SUDO_UID`, `DOAS_USER` or `PKEXEC_UID`, a home folder that
//!    is unset, relative, no folder or another user's, or a platform that can't check this; not asked where
//!    nothing is kept on disk ([`Preset::OperatorConsent`]);
//! 4. the program's opt-out variables: every value is a no, except empty, `0`, `false`, `no` and `off`;
//! 5. the program's telemetry variable: every value is a no, except empty, `1`, `true`, `yes`, `on`, `log`, and names of
//!    the registry's purposes;
//! 6. `DO_NOT_TRACK`, read like an opt-out variable;
//! 7. `OTEL_SDK_DISABLED=true`, in any case (OpenTelemetry specification, "General SDK Configuration");
//! 8. the organisation's file, for this app or for all: any content except `telemetry = "on"` and `telemetry =
//!    "failures"`, with names of the registry's purposes, is a no, and such content is only the absence of a no, not a
//!    yes;
//! 9. the project's file `.telemetry.toml`, read the same way, from the working directory upwards to the root of its
//!    repository, the home folder, or the end of the device;
//! 10. continuous integration, by the table [`CI`];
//! 11. a run that asks only for help or for the version, or a bare run;
//! 12. the stored answer is no, or can't be read;
//! 13. no purpose in common: the telemetry variable, the organisation, the project and the stored answer each may name some
//!     of the registry's purposes, and what is recorded and sent is for those that all of them name;
//! 14. the stored answer is yes, and covers what this program collects;
//! 15. a notice was shown that covers what this program collects, and the wait is over, both the wait that the notice
//!     promised and the program's current one ([`Preset::FirstRun`]); no notice counts while the clock is behind the
//!     build, and no notice from the future counts;
//! 16. documented: the documentation of a library informs its users ([`Preset::Documented`]);
//! 17. given: the host's own settings hold the yes ([`Preset::OperatorConsent`]);
//! 18. agreed to in part: a yes, or a notice whose wait is over, covers a part of what this program collects, from the
//!     same controller to the same receiver; only that part is recorded and sent;
//! 19. undecided: nothing is recorded.
//!
//! Words are compared without case and surrounding blanks. A value that is not Unicode is a no in every source that can
//! say no. A file is absent only if no entry has its name; an unreadable or malformed file is a no, and so is a
//! symbolic link without a target on its path. No later rule overrides a no.
//!
//! On Windows the organisation's word is a value in the registry, of which any but `on` is a no, and the home folder is the
//! profile that the system names: it must be that of a person, with the folder for local data below it, on a disk of the
//! machine. No notice is printed there, since a console that nobody sees looks like any other: a program is on after a
//! yes, or after a notice in a window of its own.
//!
//! With `log` in the telemetry variable, records are made and printed if the decision is on or undecided, and are not
//! sent.

mod agent;
mod allowed;
mod answer;
mod ci;
mod decision;
mod ends;
mod environment;
mod facts;
#[cfg_attr(windows, path = "consent/home_windows.rs")]
mod home;
mod latest;
mod named_purposes;
mod notice;
#[cfg_attr(windows, path = "consent/organisation_windows.rs")]
mod organisation;
mod purposes;
mod rules;
mod settings;
mod sources;
mod stored;
mod switch;
mod tables;
#[cfg_attr(windows, path = "consent/terminal_windows.rs")]
mod terminal;
mod variable;
mod word;

pub use crate::registry::{Preset, Wait};
pub use agent::{AGENTS, AgentRule, OTHER_AGENT};
pub use ci::{CI, CiRule, EnvRule, Vendor};
pub use decision::{Decision, Mode, Reason};
pub use facts::{Facts, ForeignSession, Informational};
pub use notice::{CollectionStart, NoticeContext, news, notice};
pub use purposes::PurposeSet;
pub use rules::{RULES, Rule, Source, decide};
pub use settings::Settings;
pub use sources::SourceStatus;
pub use stored::{AnswerError, NoticeState, Stored};
pub use switch::Switch;
pub use word::OptOutFile;

pub(crate) use agent::agent;
pub(crate) use answer::{ANSWERS, Answer, answer, is_writable, widenings};
pub(crate) use environment::{BUILT_OFF, own_session};
pub(crate) use latest::{LATEST, forget_latest};
pub(crate) use notice::until;
pub(crate) use purposes::names;
pub(crate) use sources::sources;
pub(crate) use terminal::{answer_to, is_read};
pub(crate) use word::shortened;
