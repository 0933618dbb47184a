//! The command `scruple`.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    scruple_cli::command::main()
}
