//! Detects continuous integration: one table, each vendor by the variables in its own documentation.

use super::variable::says_no;
use std::ffi::OsString;
use std::fmt;

/// The vendor of a continuous integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendors' own names")]
pub enum Vendor {
    Generic,
    Agola,
    Alpic,
    AppCenter,
    Appcircle,
    AppVeyor,
    AzurePipelines,
    Bamboo,
    Bitbucket,
    Bitrise,
    Buddy,
    Buildkite,
    CircleCi,
    Cirrus,
    CloudflarePages,
    CloudflareWorkers,
    CloudRun,
    CodeBuild,
    Codefresh,
    Codemagic,
    Codeship,
    Drone,
    Dsari,
    Earthly,
    Eas,
    FlowCi,
    Gerrit,
    GiteaActions,
    GitHubActions,
    GitLab,
    GoCd,
    GoogleCloudBuild,
    Harness,
    Heroku,
    Hudson,
    JenkinsX,
    Jenkins,
    JetBrainsSpace,
    LayerCi,
    Magnum,
    Netlify,
    Nevercode,
    Prow,
    ReleaseHub,
    Render,
    Runbot,
    Sail,
    Screwdriver,
    Semaphore,
    Shippable,
    Solano,
    Sourcehut,
    Strider,
    TaskCluster,
    TeamCity,
    Travis,
    Vela,
    Vercel,
    Woodpecker,
    XcodeCloud,
    XcodeServer,
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generic => "CI",
            Self::Agola => "Agola CI",
            Self::Alpic => "Alpic",
            Self::AppCenter => "Visual Studio App Center",
            Self::Appcircle => "Appcircle",
            Self::AppVeyor => "AppVeyor",
            Self::AzurePipelines => "Azure Pipelines",
            Self::Bamboo => "Bamboo",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Bitrise => "Bitrise",
            Self::Buddy => "Buddy",
            Self::Buildkite => "Buildkite",
            Self::CircleCi => "CircleCI",
            Self::Cirrus => "Cirrus CI",
            Self::CloudflarePages => "Cloudflare Pages",
            Self::CloudflareWorkers => "Cloudflare Workers",
            Self::CloudRun => "Cloud Run jobs",
            Self::CodeBuild => "AWS CodeBuild",
            Self::Codefresh => "Codefresh",
            Self::Codemagic => "Codemagic",
            Self::Codeship => "Codeship",
            Self::Drone => "Drone",
            Self::Dsari => "dsari",
            Self::Earthly => "Earthly",
            Self::Eas => "Expo Application Services",
            Self::FlowCi => "flow.ci",
            Self::Gerrit => "Gerrit",
            Self::GiteaActions => "Gitea Actions",
            Self::GitHubActions => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::GoCd => "GoCD",
            Self::GoogleCloudBuild => "Google Cloud Build",
            Self::Harness => "Harness CI",
            Self::Heroku => "Heroku",
            Self::Hudson => "Hudson",
            Self::JenkinsX => "Jenkins X",
            Self::Jenkins => "Jenkins",
            Self::JetBrainsSpace => "JetBrains Space",
            Self::LayerCi => "LayerCI",
            Self::Magnum => "Magnum CI",
            Self::Netlify => "Netlify",
            Self::Nevercode => "Nevercode",
            Self::Prow => "Prow",
            Self::ReleaseHub => "ReleaseHub",
            Self::Render => "Render",
            Self::Runbot => "Runbot",
            Self::Sail => "Sail CI",
            Self::Screwdriver => "Screwdriver",
            Self::Semaphore => "Semaphore",
            Self::Shippable => "Shippable",
            Self::Solano => "Solano CI",
            Self::Sourcehut => "sourcehut",
            Self::Strider => "Strider CD",
            Self::TaskCluster => "TaskCluster",
            Self::TeamCity => "TeamCity",
            Self::Travis => "Travis CI",
            Self::Vela => "Vela",
            Self::Vercel => "Vercel",
            Self::Woodpecker => "Woodpecker",
            Self::XcodeCloud => "Xcode Cloud",
            Self::XcodeServer => "Xcode Server",
        })
    }
}

/// The detection rule of one vendor.
#[derive(Debug, Clone, Copy)]
pub struct CiRule {
    /// The vendor.
    pub vendor: Vendor,
    /// All of these must match.
    pub signs: &'static [EnvRule],
}

/// A condition on a variable.
#[derive(Debug, Clone, Copy)]
pub enum EnvRule {
    /// The variable has a value other than empty, `0`, `false`, `no` and `off`.
    True(&'static str),
    /// The variable has a value.
    Present(&'static str),
    /// The variable has this value, in any case.
    Is(&'static str, &'static str),
    /// The variable's value contains this text.
    Has(&'static str, &'static str),
}

impl CiRule {
    pub(super) fn holds(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
        self.signs.iter().all(|sign| sign.holds(variable))
    }
}

impl EnvRule {
    pub(super) fn holds(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
        match self {
            Self::True(name) => variable(name).is_some_and(|value| says_no(&value)),
            Self::Present(name) => variable(name).is_some_and(|value| !value.is_empty()),
            Self::Is(name, wanted) => variable(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted)),
            Self::Has(name, part) => variable(name).is_some_and(|value| value.to_string_lossy().contains(part)),
        }
    }
}

/// The detection rules of continuous integration, each vendor by the variables in its own documentation: every row of
/// the two largest public tables, npm's `ci-info` and the crate `ci_info`, and further vendors. A host that only runs
/// programs (Alpic, Heroku, Render, Vercel) is a row too: no person is there to be asked. None of their rows is left
/// out. The generic names come last, so that the reason names the vendor if possible.
pub static CI: &[CiRule] = {
    use EnvRule::{Has, Is, Present, True};
    const fn rule(vendor: Vendor, signs: &'static [EnvRule]) -> CiRule {
        CiRule { vendor, signs }
    }
    &[
        rule(Vendor::Agola, &[Present("AGOLA_GIT_REF")]),
        rule(Vendor::Agola, &[Present("AGOLA_REPOSITORY_URL")]),
        rule(Vendor::Alpic, &[Present("ALPIC_HOST")]),
        rule(Vendor::AppCenter, &[Present("APPCENTER_BUILD_ID")]),
        rule(Vendor::Appcircle, &[True("AC_APPCIRCLE")]),
        rule(Vendor::AppVeyor, &[True("APPVEYOR")]),
        rule(Vendor::AzurePipelines, &[True("TF_BUILD")]),
        rule(Vendor::AzurePipelines, &[Present("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI")]),
        rule(Vendor::Bamboo, &[Present("bamboo.buildKey")]),
        rule(Vendor::Bamboo, &[Present("bamboo_buildKey")]),
        rule(Vendor::Bamboo, &[Present("bamboo_planKey")]),
        rule(Vendor::Bitbucket, &[Present("BITBUCKET_BUILD_NUMBER")]),
        rule(Vendor::Bitbucket, &[Present("BITBUCKET_COMMIT")]),
        rule(Vendor::Bitrise, &[True("BITRISE_IO")]),
        rule(Vendor::Buddy, &[Present("BUDDY_WORKSPACE_ID")]),
        rule(Vendor::Buildkite, &[True("BUILDKITE")]),
        rule(Vendor::CircleCi, &[True("CIRCLECI")]),
        rule(Vendor::Cirrus, &[True("CIRRUS_CI")]),
        rule(Vendor::CloudflarePages, &[True("CF_PAGES")]),
        rule(Vendor::CloudflareWorkers, &[True("WORKERS_CI")]),
        rule(Vendor::CloudRun, &[Present("CLOUD_RUN_EXECUTION")]),
        rule(Vendor::CodeBuild, &[Present("CODEBUILD_BUILD_ID")]),
        rule(Vendor::CodeBuild, &[Present("CODEBUILD_BUILD_ARN")]),
        rule(Vendor::Codefresh, &[Present("CF_BUILD_ID")]),
        rule(Vendor::Codemagic, &[Present("CM_BUILD_ID")]),
        rule(Vendor::Codeship, &[Is("CI_NAME", "codeship")]),
        rule(Vendor::Drone, &[True("DRONE")]),
        rule(Vendor::Dsari, &[True("DSARI")]),
        rule(Vendor::Earthly, &[True("EARTHLY_CI")]),
        rule(Vendor::Eas, &[True("EAS_BUILD")]),
        rule(Vendor::FlowCi, &[Present("FLOWCI_JOB_BUILD_NUM")]),
        rule(Vendor::Gerrit, &[Present("GERRIT_PROJECT")]),
        rule(Vendor::GiteaActions, &[True("GITEA_ACTIONS")]),
        rule(Vendor::GitHubActions, &[True("GITHUB_ACTIONS")]),
        rule(Vendor::GitLab, &[True("GITLAB_CI")]),
        rule(Vendor::GoCd, &[Present("GO_PIPELINE_LABEL")]),
        rule(Vendor::GoogleCloudBuild, &[Present("BUILDER_OUTPUT")]),
        rule(Vendor::GoogleCloudBuild, &[Present("BUILD_ID"), Present("PROJECT_ID")]),
        rule(Vendor::Harness, &[Present("HARNESS_BUILD_ID")]),
        rule(Vendor::Heroku, &[Has("STACK", "heroku")]),
        rule(Vendor::Heroku, &[Has("NODE", "heroku")]),
        rule(Vendor::Hudson, &[Present("HUDSON_URL")]),
        rule(Vendor::JenkinsX, &[Present("JX_CHART_REPOSITORY"), Present("BUILD_ID")]),
        rule(Vendor::Jenkins, &[Present("JENKINS_URL")]),
        rule(Vendor::Jenkins, &[Present("BUILD_ID"), Present("BUILD_URL")]),
        rule(Vendor::JetBrainsSpace, &[Present("JB_SPACE_API_URL")]),
        rule(Vendor::LayerCi, &[True("LAYERCI")]),
        rule(Vendor::Magnum, &[True("MAGNUM")]),
        rule(Vendor::Netlify, &[True("NETLIFY")]),
        rule(Vendor::Netlify, &[Present("NETLIFY_BUILD_BASE")]),
        rule(Vendor::Nevercode, &[True("NEVERCODE")]),
        rule(Vendor::Prow, &[Present("PROW_JOB_ID")]),
        rule(Vendor::ReleaseHub, &[Present("RELEASE_BUILD_ID")]),
        rule(Vendor::Render, &[True("RENDER")]),
        rule(Vendor::Runbot, &[Present("RUNBOT_BUILD_ID")]),
        rule(Vendor::Sail, &[True("SAILCI")]),
        rule(Vendor::Screwdriver, &[True("SCREWDRIVER")]),
        rule(Vendor::Semaphore, &[True("SEMAPHORE")]),
        rule(Vendor::Shippable, &[True("SHIPPABLE")]),
        rule(Vendor::Solano, &[True("TDDIUM")]),
        rule(Vendor::Sourcehut, &[Is("CI_NAME", "sourcehut")]),
        rule(Vendor::Sourcehut, &[Has("JOB_URL", "builds.sr.ht")]),
        rule(Vendor::Strider, &[True("STRIDER")]),
        rule(Vendor::TaskCluster, &[Present("TASK_ID"), Present("RUN_ID")]),
        rule(Vendor::TeamCity, &[Present("TEAMCITY_VERSION")]),
        rule(Vendor::Travis, &[True("TRAVIS")]),
        rule(Vendor::Vela, &[True("VELA")]),
        rule(Vendor::Vela, &[Present("VELA_BUILD_NUMBER")]),
        rule(Vendor::Vercel, &[Present("NOW_BUILDER")]),
        rule(Vendor::Vercel, &[True("VERCEL")]),
        rule(Vendor::Woodpecker, &[Is("CI", "woodpecker")]),
        rule(Vendor::XcodeCloud, &[Present("CI_XCODE_PROJECT")]),
        rule(Vendor::XcodeServer, &[True("XCS")]),
        rule(Vendor::Generic, &[True("CI")]),
        rule(Vendor::Generic, &[True("CONTINUOUS_INTEGRATION")]),
        rule(Vendor::Generic, &[Present("BUILD_ID")]),
        rule(Vendor::Generic, &[Present("BUILD_NUMBER")]),
        rule(Vendor::Generic, &[Present("CI_APP_ID")]),
        rule(Vendor::Generic, &[Present("CI_BUILD_ID")]),
        rule(Vendor::Generic, &[Present("CI_BUILD_NUMBER")]),
        rule(Vendor::Generic, &[Present("CI_NAME")]),
        rule(Vendor::Generic, &[Present("RUN_ID")]),
    ]
};
