//! The command `scruple-report`.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    scruple_report::command::main()
}
