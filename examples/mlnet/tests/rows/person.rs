//! A person with a home folder, who runs the program; nothing of it leaves this machine but by a [`Road`].

use super::road::Road;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program under test: the example's own, as it is built for people.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_mlnet");

/// What a process that takes a terminal for itself is to run then: the program's arguments, a line each.
const TERMINAL: &str = "MLNET_TEST_TERMINAL";

/// How long something may take that happens in another process. A passing test waits far less.
pub const LONG: Duration = Duration::from_secs(60);

pub struct Person {
    folder: tempfile::TempDir,
    user: String,
    variables: Vec<(String, String)>,
}

/// What a run of the program came to.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Person {
    /// Who was never asked.
    pub fn new() -> Self {
        Self::named("person")
    }

    /// With this name, which is also the name of the home folder.
    pub fn named(user: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for inside in [user, "work"] {
            fs::create_dir(folder.path().join(inside)).unwrap();
        }
        Self { folder, user: user.to_owned(), variables: Vec::new() }
    }

    /// This one, after a yes; what is recorded waits until [`Person::upload`], as in the hour after an upload.
    pub fn says_yes(self) -> Self {
        let ran = self.run(["telemetry", "on"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        // Nobody else may look into the folder, else the program does not either.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(self.state()).unwrap();
        File::create(self.state().join("stamp")).unwrap();
        self
    }

    /// With this variable from now on.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Reaches the receiver over this road from now on.
    pub fn takes(mut self, road: &Road) -> Self {
        self.set("HTTPS_PROXY", &road.proxy());
        self.set("SSL_CERT_FILE", road.certificate().to_str().unwrap());
        self
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join(&self.user)
    }

    /// The folder that the program runs in.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub fn answers(&self) -> PathBuf {
        self.home().join(".config/scruple/com.example.mlnet/telemetry.toml")
    }

    pub fn state(&self) -> PathBuf {
        self.home().join(".local/state/scruple/com.example.mlnet")
    }

    /// The files that wait to be sent.
    pub fn waiting(&self) -> usize {
        let inside = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        inside(self.state().join("queue")).flat_map(inside).count()
    }

    /// Every file below the home folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.home(), &mut found);
        found
    }

    /// The program, not yet started, in an environment of this person's alone.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home()).env("USER", &self.user).current_dir(self.work());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.command(PROGRAM).args(arguments).output().unwrap().into()
    }

    /// Runs the program where nothing can be written to standard output, which it does not expect: it panics.
    pub fn crash<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        let full = File::options().write(true).open("/dev/full").unwrap();
        self.command(PROGRAM).args(arguments).stdout(full).output().unwrap().into()
    }

    /// Runs an uploader to its end, as the program starts it, and as if the last was long ago.
    pub fn upload(&self) {
        for name in ["stamp", "pause"] {
            let _ = fs::remove_file(self.state().join(name));
        }
        let mark = "com.example.mlnet starter 0000000000000001";
        let mut file = File::from(rustix::fs::memfd_create(c"mark", rustix::fs::MemfdFlags::CLOEXEC).unwrap());
        file.write_all(mark.as_bytes()).unwrap();
        let mut starter = self.command(PROGRAM).env("SCRUPLE_UPLOADER", mark).stdin(file).spawn().unwrap();
        let session = starter.id().to_string();
        assert!(starter.wait().unwrap().success());
        // The uploader is in the starter's session, and is nobody's child here.
        let is_uploader = |stat: Vec<String>| stat[3] == session && stat[0] != "Z";
        until("the uploader ends", || {
            let processes =
                fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
            !processes.filter_map(|process| stat(&process)).any(is_uploader)
        });
    }

    /// Uploads until nothing waits.
    pub fn drain(&self) {
        until("nothing waits", || {
            self.upload();
            self.waiting() == 0
        });
    }

    /// Runs the program in the foreground of a terminal that is its standard error.
    pub fn run_on_terminal(&self, arguments: &[&str]) -> Ran {
        let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
        let pty = rustix::pty::openpt(flags).unwrap();
        rustix::pty::grantpt(&pty).unwrap();
        rustix::pty::unlockpt(&pty).unwrap();
        let name = rustix::pty::ptsname(&pty, Vec::new()).unwrap();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let terminal = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).unwrap();
        let screen = std::thread::spawn(move || {
            let mut shown = Vec::new();
            // It ends with an error when nobody has the other side open.
            let _ = File::from(pty).read_to_end(&mut shown);
            String::from_utf8(shown).unwrap().replace("\r\n", "\n")
        });
        let mut command = self.command(std::env::current_exe().unwrap());
        command.args(["--exact", "person::of_the_terminal", "--nocapture"]);
        command.env(TERMINAL, arguments.join("\n")).stdout(Stdio::null()).stderr(terminal);
        let code = command.status().unwrap().code().unwrap();
        // The command holds the other side too.
        drop(command);
        Ran { code, stdout: String::new(), stderr: screen.join().unwrap() }
    }
}

/// Not a test: the process that [`Person::run_on_terminal`] starts. It makes standard error the terminal of a session of
/// its own, and becomes the program.
#[test]
fn of_the_terminal() {
    let Ok(arguments) = std::env::var(TERMINAL) else { return };
    rustix::process::setsid().unwrap();
    rustix::process::ioctl_tiocsctty(std::io::stderr()).unwrap();
    panic!("{}", Command::new(PROGRAM).args(arguments.lines()).env_remove(TERMINAL).exec());
}

/// Waits until something holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LONG, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A file of the example's folder.
pub fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The fields of a process that follow its name: its state is the first, its session the fourth.
fn stat(process: &str) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() { collect(&path, found) } else { found.push(path) }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            code: output.status.code().expect("no signal ended it"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
