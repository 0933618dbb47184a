//! The facts that a decision is made from: what the process and its environment say.

use super::Settings;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;

/// All that [`decide`](super::decide) looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// `SCRUPLE_OFF` was set when the program was built.
    pub built_off: bool,
    /// There is a way out in this build.
    pub transport: bool,
    /// It is known how to tell whose session it is.
    pub platform: bool,
    /// Why it is not the person's own session.
    pub session: Option<OffSession>,
    /// The first of the program's opt-out variables that says no.
    pub opt_out: Option<&'static str>,
    /// The program's telemetry variable, where it does not say yes.
    pub telemetry: Option<&'static str>,
    /// `DO_NOT_TRACK` says no.
    pub do_not_track: bool,
    /// `OTEL_SDK_DISABLED` is true.
    pub otel_sdk_disabled: bool,
    /// It runs in continuous integration.
    pub ci: Option<Vendor>,
    /// The host's own settings hold the yes.
    pub given: bool,
    /// Nothing leaves this machine, and the environment is not asked.
    pub rehearsal: bool,
}

impl Facts {
    /// Looks at this process and its environment.
    pub(crate) fn read(settings: &Settings) -> Self {
        Self::of(settings, &|name| std::env::var_os(name), own_session())
    }

    /// The facts of a process with this environment.
    pub(crate) fn of(
        settings: &Settings,
        variable: &dyn Fn(&str) -> Option<OsString>,
        session: Result<(), Option<OffSession>>,
    ) -> Self {
        let became = ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"].iter().any(|name| variable(name).is_some());
        Self {
            built_off: option_env!("SCRUPLE_OFF").is_some_and(|value| says_no(OsStr::new(value))),
            transport: settings.transport,
            platform: session != Err(None),
            session: if became { Some(OffSession::Elevated) } else { session.err().flatten() },
            opt_out: settings.opt_out.iter().copied().find(|name| variable(name).is_some_and(|value| says_no(&value))),
            telemetry: settings.telemetry.filter(|name| variable(name).is_some_and(|value| !says_yes(&value))),
            do_not_track: variable("DO_NOT_TRACK").is_some_and(|value| says_no(&value)),
            otel_sdk_disabled: variable("OTEL_SDK_DISABLED")
                .is_some_and(|value| value.to_str().is_none_or(|value| value.trim().eq_ignore_ascii_case("true"))),
            ci: CI.iter().find(|rule| rule.holds(variable)).map(|rule| rule.vendor),
            given: settings.given,
            rehearsal: settings.rehearsal,
        }
    }
}

/// Why a session is not the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffSession {
    /// The effective user is not the real one.
    SetUid,
    /// Started through sudo, doas or pkexec.
    Elevated,
    /// No home folder, or a relative one.
    NoHome,
    /// The home folder is somebody else's, or can't be looked at.
    HomeOfAnother,
}

impl fmt::Display for OffSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetUid => "the effective user is not the real one",
            Self::Elevated => "started through sudo, doas or pkexec",
            Self::NoHome => "there is no home folder",
            Self::HomeOfAnother => "the home folder is somebody else's",
        })
    }
}

/// Who runs the continuous integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendors' own names")]
pub enum Vendor {
    Generic,
    GitHubActions,
    AzurePipelines,
    AppVeyor,
    Travis,
    CircleCi,
    GitLab,
    Buildkite,
    TeamCity,
    Jenkins,
    JetBrainsSpace,
    Bitbucket,
    Bamboo,
    CodeBuild,
    GoogleCloudBuild,
    CloudRun,
    Runbot,
    Vercel,
    Heroku,
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generic => "CI",
            Self::GitHubActions => "GitHub Actions",
            Self::AzurePipelines => "Azure Pipelines",
            Self::AppVeyor => "AppVeyor",
            Self::Travis => "Travis CI",
            Self::CircleCi => "CircleCI",
            Self::GitLab => "GitLab CI",
            Self::Buildkite => "Buildkite",
            Self::TeamCity => "TeamCity",
            Self::Jenkins => "Jenkins",
            Self::JetBrainsSpace => "JetBrains Space",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Bamboo => "Bamboo",
            Self::CodeBuild => "AWS CodeBuild",
            Self::GoogleCloudBuild => "Google Cloud Build",
            Self::CloudRun => "Cloud Run jobs",
            Self::Runbot => "Runbot",
            Self::Vercel => "Vercel builds",
            Self::Heroku => "Heroku",
        })
    }
}

/// How one vendor's machines are known.
#[derive(Debug, Clone, Copy)]
pub struct CiRule {
    /// Whose they are.
    pub vendor: Vendor,
    /// All of these hold.
    pub signs: &'static [Sign],
}

/// One sign.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// The variable has a value other than empty, `0`, `false`, `no` and `off`.
    True(&'static str),
    /// The variable has a value.
    Present(&'static str),
    /// The variable has this value, in any case.
    Is(&'static str, &'static str),
}

impl CiRule {
    fn holds(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
        self.signs.iter().all(|sign| match sign {
            Sign::True(name) => variable(name).is_some_and(|value| says_no(&value)),
            Sign::Present(name) => variable(name).is_some_and(|value| !value.is_empty()),
            Sign::Is(name, wanted) => variable(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted)),
        })
    }
}

/// How continuous integration is known, each vendor by what its own documentation sets; the generic `CI` comes last,
/// so that the reason names the vendor where it can.
pub static CI: &[CiRule] = {
    use Sign::{Is, Present, True};
    const fn rule(vendor: Vendor, signs: &'static [Sign]) -> CiRule {
        CiRule { vendor, signs }
    }
    &[
        rule(Vendor::GitHubActions, &[True("GITHUB_ACTIONS")]),
        rule(Vendor::AzurePipelines, &[True("TF_BUILD")]),
        rule(Vendor::AppVeyor, &[True("APPVEYOR")]),
        rule(Vendor::Travis, &[True("TRAVIS")]),
        rule(Vendor::CircleCi, &[True("CIRCLECI")]),
        rule(Vendor::GitLab, &[True("GITLAB_CI")]),
        rule(Vendor::Buildkite, &[True("BUILDKITE")]),
        rule(Vendor::TeamCity, &[Present("TEAMCITY_VERSION")]),
        rule(Vendor::Jenkins, &[Present("JENKINS_URL")]),
        rule(Vendor::Jenkins, &[Present("BUILD_ID"), Present("BUILD_URL")]),
        rule(Vendor::JetBrainsSpace, &[Present("JB_SPACE_API_URL")]),
        rule(Vendor::Bitbucket, &[Present("BITBUCKET_BUILD_NUMBER")]),
        rule(Vendor::Bamboo, &[Present("bamboo.buildKey")]),
        rule(Vendor::Bamboo, &[Present("bamboo_buildKey")]),
        rule(Vendor::CodeBuild, &[Present("CODEBUILD_BUILD_ID")]),
        rule(Vendor::CodeBuild, &[Present("CODEBUILD_BUILD_ARN")]),
        rule(Vendor::GoogleCloudBuild, &[Present("BUILD_ID"), Present("PROJECT_ID")]),
        rule(Vendor::CloudRun, &[Present("CLOUD_RUN_EXECUTION")]),
        rule(Vendor::Runbot, &[Present("RUNBOT_BUILD_ID")]),
        rule(Vendor::Vercel, &[Present("NOW_BUILDER")]),
        rule(Vendor::Heroku, &[Is("STACK", "heroku")]),
        rule(Vendor::Generic, &[True("CI")]),
    ]
};

fn says_no(value: &OsStr) -> bool {
    !matches(value, &["", "0", "false", "no", "off"])
}

fn says_yes(value: &OsStr) -> bool {
    matches(value, &["", "1", "true", "yes", "on"])
}

fn matches(value: &OsStr, words: &[&str]) -> bool {
    value.to_str().is_some_and(|value| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word)))
}

/// `Err(None)` where this can't be told.
fn own_session() -> Result<(), Option<OffSession>> {
    if !cfg!(target_os = "linux") {
        return Err(None);
    }
    session::own(std::env::var_os("HOME").as_deref().map(Path::new)).map_err(Some)
}

#[cfg(unix)]
mod session {
    use super::OffSession;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    pub(super) fn own(home: Option<&Path>) -> Result<(), OffSession> {
        let user = rustix::process::getuid();
        if user != rustix::process::geteuid() {
            return Err(OffSession::SetUid);
        }
        let home = home.filter(|home| home.is_absolute()).ok_or(OffSession::NoHome)?;
        let owner = std::fs::metadata(home).map_err(|_| OffSession::HomeOfAnother)?.uid();
        if owner == user.as_raw() { Ok(()) } else { Err(OffSession::HomeOfAnother) }
    }
}

#[cfg(not(unix))]
mod session {
    use super::OffSession;
    use std::path::Path;

    pub(super) fn own(_home: Option<&Path>) -> Result<(), OffSession> {
        Ok(())
    }
}
