//! How continuous integration is known: one table, each vendor by what its own documentation sets.

use super::facts::says_no;
use std::ffi::OsString;
use std::fmt;

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
    pub(super) fn holds(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
        self.signs.iter().all(|sign| sign.holds(variable))
    }
}

impl Sign {
    pub(super) fn holds(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
        match self {
            Self::True(name) => variable(name).is_some_and(|value| says_no(&value)),
            Self::Present(name) => variable(name).is_some_and(|value| !value.is_empty()),
            Self::Is(name, wanted) => variable(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted)),
        }
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
