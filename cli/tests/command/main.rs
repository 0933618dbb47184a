//! Each command as a process: exit codes, streams, files and requests.

/// `scruple check --against` reports each undeclared record, and nothing else.
mod against;
/// `scruple check` and `scruple codegen`: exit codes, streams, files.
mod check;
/// The completion scripts match their golden files.
mod completions;
/// `scruple check --coverage` lists the declared parts that no record shows.
mod coverage;
/// The accepted data sets, and the messages for the others.
mod dataset;
/// `scruple demo` as a process: its output, its requests, and its exit code.
mod demo;
/// The output of `scruple init` passes the check, compiles and reports.
mod init;
/// `scruple policy`: keys, files, exit codes, streams, and secrets, which are never printed.
mod policy;
/// The receiver's answers over gRPC, and the requests that it passes on.
mod receive_grpc;
/// The receiver's answers over HTTP, and the requests that it passes on.
mod receive_http;
/// The output of `scruple receive`, and its exit code.
mod receive_process;
/// The receiver's output for each kind of arrival.
mod receive_show;
/// The receiver's servers record nothing to the program's subscriber.
mod receive_silence;
/// `scruple report` starts the program `scruple-report`.
mod report;
/// With telemetry off, strace sees no socket, thread or new file.
mod silence;
/// `scruple sql`: its output, and what it refuses.
mod sql;
/// The demo's profile of a data set.
mod work;
