//! A server whose operator has consented: it keeps nothing on disk, so that neither home folder nor session is asked, and
//! every no still counts, with its reason in the server's log.

use crate::process::{Ended, end, receivers, started};
use scruple_fixtures::trials;
#[cfg(unix)]
use scruple_fixtures::until;
use std::fs;
#[cfg(unix)]
use std::fs::{DirBuilder, File};
#[cfg(unix)]
use std::os::unix::fs::DirBuilderExt as _;
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::path::Path;
#[cfg(unix)]
use std::process::{Command, Stdio};

trials! {
    a_server_without_a_home_of_its_own_sends_its_records,
    a_server_that_is_off_says_once_why,
    a_no_in_the_environment_counts_at_the_end,
    #[cfg(unix)] a_stored_no_of_a_service_counts_under_sudo,
    #[cfg(unix)] a_log_that_takes_nothing_stops_no_server,
    ; "needs root":
    #[cfg(unix)] a_server_of_another_user_sends_its_records,
}

/// Each home folder that a service may have, by its variables.
fn homes(own: &Path) -> Vec<Vec<(&'static str, String)>> {
    let own = own.to_str().unwrap().to_owned();
    let home = |path: &str| vec![("HOME", path.to_owned())];
    vec![
        Vec::new(),
        home(""),
        home("relative"),
        home("/nonexistent"),
        home("/dev/null"),
        home(&own),
        vec![("HOME", own), ("SUDO_UID", "1000".to_owned())],
    ]
}

/// All that is below a folder.
fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

fn a_server_without_a_home_of_its_own_sends_its_records() {
    let folder = tempfile::tempdir().unwrap();
    for receiver in receivers() {
        for home in homes(folder.path()) {
            let mut server = started("server", receiver.way, &receiver.url);
            server.envs(home.clone()).current_dir("/");
            assert_eq!(end(server), Ended::quietly(0), "{home:?}");
            assert_eq!(receiver.take().len(), 2, "{} {home:?}: a request for each signal", receiver.way);
        }
    }
    assert_eq!(entries(folder.path()), 0, "nothing is kept on disk");
}

#[cfg(unix)]
fn a_server_of_another_user_sends_its_records() {
    let [receiver, _] = receivers();
    let folder = tempfile::tempdir().unwrap();
    for home in homes(folder.path()).into_iter().chain([vec![("HOME", "/root".to_owned())]]) {
        let mut server = started("server", receiver.way, &receiver.url);
        server.envs(home.clone()).current_dir("/").uid(65_534).gid(65_534);
        assert_eq!(end(server), Ended::quietly(0), "{home:?}");
        assert_eq!(receiver.take().len(), 2, "{home:?}");
    }
}

/// What a server says that is off for this reason.
fn off(reason: &str) -> Ended {
    Ended { stderr: format!("shop: usage telemetry is off: {reason}\n"), ..Ended::quietly(0) }
}

fn a_server_that_is_off_says_once_why() {
    let [receiver, _] = receivers();
    let root = tempfile::tempdir().unwrap();
    let check = |home: &[(&'static str, String)], variable: Option<(&str, &str)>, reason: &str| {
        let mut server = started("server", receiver.way, &receiver.url);
        server.envs(home.iter().cloned()).envs(variable).current_dir("/").env("ROOT", root.path());
        assert_eq!(end(server), off(reason), "{home:?} {variable:?}");
        assert_eq!(receiver.take(), []);
    };
    let homes = homes(root.path());
    for home in &homes {
        check(home, Some(("DO_NOT_TRACK", "1")), "the variable DO_NOT_TRACK says no");
        check(home, Some(("CI", "true")), "continuous integration: CI");
    }
    // On Windows it is a value in the registry.
    if cfg!(unix) {
        let file = root.path().join("etc/scruple/telemetry.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "telemetry = \"off\"").unwrap();
        homes.iter().for_each(|home| check(home, None, "the organisation's file says no"));
    }
}

fn a_no_in_the_environment_counts_at_the_end() {
    for receiver in receivers() {
        assert_eq!(end(started("withdrawn", receiver.way, &receiver.url)), Ended::quietly(0));
        assert_eq!(receiver.take(), [], "{}", receiver.way);
    }
}

// The home folder of Windows is that of the logon, and no variable leads there.
#[cfg(unix)]
fn a_stored_no_of_a_service_counts_under_sudo() {
    let [receiver, _] = receivers();
    let home = tempfile::tempdir().unwrap();
    let answers = home.path().join(".config/scruple/example.shop");
    DirBuilder::new().recursive(true).mode(0o700).create(&answers).unwrap();
    let no = "format = 1\napp_id = \"example.shop\"\nno = \"2026-11-24T10:00:00Z\"\n";
    fs::write(answers.join("telemetry.toml"), no).unwrap();
    for variables in [&[][..], &[("SUDO_UID", "1000")]] {
        let mut server = started("server", receiver.way, &receiver.url);
        server.env("HOME", home.path()).envs(variables.iter().copied()).current_dir("/");
        assert_eq!(end(server), off("the stored answer is no"), "{variables:?}");
        assert_eq!(receiver.take(), []);
    }
}

// Of a pipe without blocking and of limits.
#[cfg(unix)]
fn a_log_that_takes_nothing_stops_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let (_reader, full) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&full, true).unwrap();
    while rustix::io::write(&full, &[b' '; 4096]).is_ok() {}
    rustix::io::ioctl_fionbio(&full, false).unwrap();
    let (reader, unread) = std::io::pipe().unwrap();
    drop(reader);
    let file = File::create(folder.path().join("log")).unwrap();
    for (limit, log) in [("unlimited", full.into()), ("unlimited", unread.into()), ("0", Stdio::from(file))] {
        let server = started("server", "http", "http://127.0.0.1:9");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("ulimit -f {limit}; exec \"$0\" \"$@\"")]).arg(server.get_program());
        shell.args(server.get_args()).env_clear().env("DO_NOT_TRACK", "1").current_dir("/").stderr(log);
        let mut child = shell.spawn().unwrap();
        let mut ended = None;
        until("it ends", || {
            ended = child.try_wait().unwrap();
            ended.is_some()
        });
        assert!(ended.unwrap().success(), "{limit}: {ended:?}");
    }
}
