//! Tells the library which compiler builds it: `process.runtime.version`, where a registry declares it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=SCRUPLE_OFF");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // `rustc 1.95.0 (59807616e 2026-04-14)`: the numbers only, a self-built compiler may say more.
    let version = text.split_whitespace().nth(1).and_then(|version| version.split('-').next()).unwrap_or("0.0.0");
    println!("cargo::rustc-env=SCRUPLE_RUSTC={version}");
}
