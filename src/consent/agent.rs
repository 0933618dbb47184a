//! Detects the coding agent, hosted notebook or workspace that runs the program: one table, by their variables.
//!
//! The table is the source of a registry's `from: agent`, where one is declared, and suppresses a notice that an agent
//! would read in place of a person. An agent is not continuous integration: it turns nothing off. Several agents set
//! `AI_AGENT` and `AGENT`, to any text: known values map to their agents, any other value maps to `other` and is not
//! sent.

#[cfg(test)]
mod tests;

use super::ci::EnvRule;
use std::ffi::OsString;

/// The detection rule of one agent or host.
#[derive(Debug, Clone, Copy)]
pub struct AgentRule {
    /// The name that a registry declares as a member.
    pub name: &'static str,
    /// Whether it is an agent that works in a person's place, as opposed to a host that a person works in.
    pub is_agent: bool,
    /// One matching sign is enough.
    pub signs: &'static [EnvRule],
}

/// The member for an agent that is not in [`AGENTS`].
pub const OTHER_AGENT: &str = "other";

/// The detection rules of coding agents and hosts; agents come first.
pub static AGENTS: &[AgentRule] = {
    use EnvRule::{Is, Present, True};
    const fn agent(name: &'static str, signs: &'static [EnvRule]) -> AgentRule {
        AgentRule { name, is_agent: true, signs }
    }
    const fn host(name: &'static str, signs: &'static [EnvRule]) -> AgentRule {
        AgentRule { name, is_agent: false, signs }
    }
    const fn called(name: &'static str) -> EnvRule {
        Is("AI_AGENT", name)
    }
    &[
        agent("aider", &[Is("OR_APP_NAME", "Aider"), called("aider")]),
        agent("amp", &[Present("AMP_HOME"), Present("AMP_CURRENT_THREAD_ID"), Is("AGENT", "amp"), called("amp")]),
        agent("antigravity", &[Present("ANTIGRAVITY_AGENT"), called("antigravity")]),
        agent("augment", &[Present("AUGMENT_AGENT"), called("augment")]),
        agent(
            "claude_code",
            &[
                True("CLAUDECODE"),
                True("CLAUDE_CODE"),
                Present("CLAUDE_CODE_ENTRYPOINT"),
                True("CLAUDE_CODE_IS_COWORK"),
                called("claude_code"),
                called("claude-code"),
                called("claude"),
            ],
        ),
        agent("cline", &[Present("CLINE_TASK_ID"), Present("CLINE_ACTIVE"), Present("CLINE_AGENT"), called("cline")]),
        agent(
            "codex",
            &[
                Present("CODEX_CLI"),
                Present("CODEX_SANDBOX"),
                Present("CODEX_CI"),
                Present("CODEX_THREAD_ID"),
                called("codex"),
            ],
        ),
        agent(
            "copilot",
            &[
                True("GITHUB_COPILOT_CLI_MODE"),
                True("GITHUB_COPILOT_CLI"),
                True("COPILOT_CLI"),
                Present("GH_COPILOT"),
                Present("GH_COPILOT_WORKING_DIRECTORY"),
                Present("COPILOT_AGENT"),
                called("copilot"),
                called("github_copilot_app_agent"),
                called("github_copilot_vscode_agent"),
            ],
        ),
        agent(
            "cursor",
            &[
                Present("CURSOR_AGENT"),
                Present("CURSOR_AI"),
                Present("CURSOR_EDITOR"),
                Present("CURSOR_TRACE_ID"),
                Is("CURSOR_EXTENSION_HOST_ROLE", "agent-exec"),
                called("cursor"),
            ],
        ),
        agent("droid", &[True("DROID_CLI"), called("droid")]),
        agent(
            "gemini_cli",
            &[True("GEMINI_CLI"), Present("GEMINI_CLI_NO_RELAUNCH"), called("gemini"), called("gemini-cli")],
        ),
        agent("goose", &[Present("GOOSE_TERMINAL"), called("goose")]),
        agent("kimi", &[True("KIMI_CLI"), called("kimi")]),
        agent("kiro", &[Present("KIRO_AGENT_PATH"), called("kiro")]),
        agent("opencode", &[Present("OPENCODE"), Present("OPENCODE_AI"), called("opencode")]),
        agent("openhands", &[Is("OR_APP_NAME", "OpenHands"), called("openhands")]),
        agent("pi", &[Present("PI_CODING_AGENT"), called("pi")]),
        agent("plandex", &[Is("OR_APP_NAME", "plandex"), called("plandex")]),
        agent("qwen_code", &[Present("QWEN_CODE"), called("qwen"), called("qwen-code")]),
        agent("roo_code", &[Present("ROO_CODE_TASK_ID"), called("roo"), called("roo-code")]),
        agent("windsurf", &[Present("WINDSURF_SESSION"), called("windsurf")]),
        agent("zed", &[Present("ZED_ENVIRONMENT"), Present("ZED_TERM"), called("zed")]),
        agent(OTHER_AGENT, &[True("AGENT_CLI"), True("AI_AGENT"), True("AGENT")]),
        host("azureml", &[Present("AZUREML_FRAMEWORK")]),
        host("codespaces", &[True("CODESPACES")]),
        host("colab", &[Present("COLAB_RELEASE_TAG")]),
        host("kaggle", &[Present("KAGGLE_KERNEL_RUN_TYPE")]),
        host("replit", &[Present("REPL_ID")]),
        host("sagemaker", &[Present("SAGEMAKER_APP_TYPE")]),
    ]
};

/// The first agent or host of the table that matches the environment.
pub(crate) fn agent(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<&'static AgentRule> {
    AGENTS.iter().find(|rule| rule.signs.iter().any(|sign| sign.holds(variable)))
}
