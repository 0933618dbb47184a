//! The replacement on systems other than Unix: closed standard streams are left as they are.

pub(super) fn occupy() {}

pub(super) fn log(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
}
