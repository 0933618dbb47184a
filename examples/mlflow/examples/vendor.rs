//! The command `scruple`, as a vendor has it, for the tests of this package: built with them, and so with their
//! dependencies.

fn main() -> std::process::ExitCode {
    scruple_cli::command::main()
}
