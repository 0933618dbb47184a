//! Tells the library which compiler builds it (`process.runtime.version`, where a registry declares it) and when: a policy
//! is not believed on a clock that is behind that.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=SCRUPLE_OFF");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // `rustc 1.95.0 (59807616e 2026-04-14)`: the numbers only, a self-built compiler may say more.
    let version = text.split_whitespace().nth(1).and_then(|version| version.split('-').next()).unwrap_or("0.0.0");
    println!("cargo::rustc-env=SCRUPLE_RUSTC={version}");
    // As reproducible builds have it: https://reproducible-builds.org/specs/source-date-epoch.
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.trim().parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    println!("cargo::rustc-env=SCRUPLE_BUILT={}", given.unwrap_or_else(now));
}
