//! Each command as a person or a script runs it: exit codes, streams, files and requests.

/// `scruple check --against` names each record that is not declared, and nothing else.
mod against;
/// `scruple check` and `scruple codegen`: exit codes, streams, files.
mod check;
/// What the shells complete is as it was.
mod completions;
/// What a data set may be, and what is said of one that may not.
mod dataset;
/// `scruple demo` as a process: what it shows, what it sends, and its exit code.
mod demo;
/// What `scruple init` makes passes the check, compiles, and reports.
mod init;
/// `scruple policy`: keys, files, exit codes, streams, and what is never printed.
mod policy;
/// What the receiver answers over gRPC, and what it hands over.
mod receive_grpc;
/// What the receiver answers over HTTP, and what it hands over.
mod receive_http;
/// What `scruple receive` prints, and its exit code.
mod receive_process;
/// How arrivals are written down.
mod receive_show;
/// The receiver's servers do not speak to the program's subscriber.
mod receive_silence;
/// Off is off, seen by the kernel.
mod silence;
/// What the demo works out of a data set.
mod work;
