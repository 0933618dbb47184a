//! The quickstart as a person runs it on Windows, under Wine: each has a profile in a prefix of Wine of their own.

use super::person::{Person, Ran};
use scruple_fixtures::collector::{Collector, free};
use scruple_fixtures::http::{Answer, Server, answer};
use scruple_fixtures::proxy::Proxy;
use scruple_fixtures::tls::{authority_of, pems};
use scruple_fixtures::{terminal, until};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Who receives, by the registry.
const HOST: &str = "telemetry.example.com";

/// Wine, a prefix to copy, and the program.
struct Tools {
    wine: String,
    prefix: PathBuf,
    program: String,
}

/// What the script has built.
fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/wine");
        let output = Command::new("bash").arg(script).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "bash .ci/wine");
        let printed = String::from_utf8(output.stdout).unwrap();
        let mut lines = printed.lines().map(str::to_owned);
        let mut line = || lines.next().unwrap();
        Tools { wine: line(), prefix: line().into(), program: line() }
    })
}

/// A person who uses Windows.
struct WindowsUser {
    person: Person,
    prefix: PathBuf,
    /// One at a time: Wine is slow where several start it at once.
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

impl Drop for WindowsUser {
    fn drop(&mut self) {
        self.end_wine();
        let _ = fs::remove_dir_all(&self.prefix);
    }
}

impl WindowsUser {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut person = Person::new();
        // Its libraries are linked, and not copied; Wine writes its registry in place.
        let name = person.home().parent().unwrap().file_name().unwrap().to_owned();
        let prefix = tools().prefix.with_file_name(name);
        let copied = Command::new("cp").arg("-al").arg(&tools().prefix).arg(&prefix).status().unwrap();
        assert!(copied.success());
        for registry in ["system.reg", "user.reg", "userdef.reg"] {
            fs::remove_file(prefix.join(registry)).unwrap();
            fs::copy(tools().prefix.join(registry), prefix.join(registry)).unwrap();
        }
        person.set("WINEPREFIX", &prefix).set("WINEDEBUG", "-all");
        let user = Self { person, prefix, _turn: turn };
        user.begin_wine();
        user
    }

    /// Has Wine prepare the prefix, as the first program in it would wait for: that has hung where another began beside it.
    fn begin_wine(&self) {
        for _ in 0..3 {
            let mut begin = self.person.command("timeout");
            begin.args(["--signal=KILL", "120", &tools().wine, "wineboot", "--init"]);
            begin.env("PATH", std::env::var_os("PATH").unwrap());
            if begin.status().unwrap().success() {
                return;
            }
            self.end_wine();
        }
        panic!("Wine does not start");
    }

    /// One who has said yes.
    fn who_said_yes() -> Self {
        let user = Self::new();
        let ran = user.run(&["telemetry", "on"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        user
    }

    fn wine(&self, arguments: &[&str]) -> Command {
        let mut command = self.person.command(&tools().wine);
        command.args(arguments);
        command
    }

    fn program(&self, arguments: &[&str]) -> Command {
        self.wine(&[&[tools().program.as_str()], arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.program(arguments).output().unwrap().into()
    }

    /// Runs it on a console: the exit code, and what a person sees, without the control sequences of Wine's console.
    fn run_on_console(&self, arguments: &[&str]) -> (i32, String) {
        let (terminal, screen) = terminal::open();
        let mut command = self.program(arguments);
        command.stdin(terminal.try_clone().unwrap()).stdout(terminal.try_clone().unwrap()).stderr(terminal);
        let code = command.status().unwrap().code().unwrap();
        drop(command);
        // Its processes have the terminal open.
        self.end_wine();
        let shown = screen.text().replace('\r', "");
        let mut parts = shown.split('\x1b');
        let first = parts.next().unwrap_or_default().to_owned();
        let after = |part: &str| {
            let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
            part[end..].to_owned()
        };
        (code, first + &parts.map(after).collect::<String>())
    }

    /// Runs it, and what strace sees: the sockets of a network, and what is opened of ours to be written.
    fn run_traced(&self, arguments: &[&str]) -> (Ran, Vec<String>) {
        // Wine's server opens files and sockets for its programs: it has to be started here.
        self.end_wine();
        let trace = self.person.work().join("trace");
        let mut command = self.person.command("strace");
        command.args([
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-s",
            "512",
            "-e",
            "trace=socket,open,openat,creat,mkdir,mkdirat,rename,renameat",
        ]);
        command.arg("-o").arg(&trace).arg(&tools().wine).arg(&tools().program).args(arguments);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        let mut child = command.spawn().unwrap();
        let output = {
            let stdout = child.stdout.take().unwrap();
            let stderr = child.stderr.take().unwrap();
            [std::io::read_to_string(stdout).unwrap(), std::io::read_to_string(stderr).unwrap()]
        };
        // The server ends a while after its last program, and strace after it.
        self.end_wine();
        let code = child.wait().unwrap().code().unwrap();
        let [stdout, stderr] = output;
        let text = String::from_utf8_lossy(&fs::read(&trace).unwrap()).into_owned();
        fs::remove_file(trace).unwrap();
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "creat(", "mkdir", "rename"];
        // A service of Wine's asks for the machine's interfaces by a socket that is never connected.
        let is_socket =
            |line: &str| line.contains("socket(AF_INET") && !line.contains("socket(AF_INET, SOCK_DGRAM, IPPROTO_IP)");
        let is_written = |line: &str| {
            let is_ours = line.contains("AppData/Local/scruple") || line.contains("/scruple-upload.");
            is_ours && writes.iter().any(|word| line.contains(word)) && !line.contains(" = -1 ")
        };
        let is_seen = |line: &&str| is_socket(line) || is_written(line);
        (Ran { code, stdout, stderr }, text.lines().filter(is_seen).map(str::to_owned).collect())
    }

    fn end_wine(&self) {
        let server = Path::new(&tools().wine).with_file_name("wineserver64");
        for what in ["-k", "-w"] {
            let _ = Command::new(&server).arg(what).env("WINEPREFIX", &self.prefix).status();
        }
    }

    /// The profile's folder for local data.
    fn local(&self) -> PathBuf {
        let users = fs::read_dir(self.prefix.join("drive_c/users")).unwrap();
        let mut names = users.map(|user| user.unwrap().path()).filter(|path| !path.ends_with("Public"));
        names.next().expect("a profile").join("AppData/Local")
    }

    fn answers(&self) -> PathBuf {
        self.local().join("scruple/settings/com.example.words/telemetry.toml")
    }

    fn state(&self) -> PathBuf {
        self.local().join("scruple/state/com.example.words")
    }

    /// No upload is due for an hour.
    fn postpone_uploads(&self) {
        fs::create_dir_all(self.state()).unwrap();
        fs::write(self.state().join("stamp"), "").unwrap();
    }

    /// Every file of ours in the profile.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.local().join("scruple"), self.local().with_file_name("Roaming").join("scruple")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found
    }

    fn waiting(&self) -> Vec<PathBuf> {
        self.files().into_iter().filter(|path| path.extension().is_some_and(|name| name == "jsonl")).collect()
    }

    /// The lines that wait.
    fn records(&self) -> usize {
        self.waiting().iter().map(|path| fs::read(path).unwrap().iter().filter(|&&byte| byte == b'\n').count()).sum()
    }

    /// With this variable from now on.
    fn set(&mut self, name: &str, value: &str) {
        self.person.set(name, value);
    }

    /// As an organisation does.
    fn say_for_all(&mut self, word: &str) {
        self.write_value(r"HKLM\SOFTWARE\Policies\com.example.words", "telemetry", word);
    }

    fn write_value(&self, key: &str, name: &str, value: &str) {
        let added = self.wine(&["reg", "add", key, "/v", name, "/d", value]).output().unwrap();
        assert!(added.status.success());
    }

    /// Puts a link in the place of a folder, which leads to it elsewhere.
    fn link(&self, folder: &Path) {
        let elsewhere = self.prefix.join("elsewhere");
        fs::rename(folder, &elsewhere).unwrap();
        std::os::unix::fs::symlink(elsewhere, folder).unwrap();
    }

    /// Leads the program to a receiver of its own, through a proxy.
    fn receiver(&mut self) -> (Server, Proxy) {
        let (certificate, tls) = authority_of(&[HOST], b"http/1.1");
        let receiver = Server::with(Answer::Bytes(answer("200 OK", "", b"")), Some(tls));
        let port = receiver.url.rsplit(':').next().unwrap().parse().unwrap();
        let proxy = self.road(port, &certificate);
        (receiver, proxy)
    }

    /// Leads the program to a real Collector, through a proxy.
    fn collector(&mut self) -> (Collector, Proxy) {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = pems(&[HOST]);
        fs::write(folder.path().join("certificate.pem"), &certificate).unwrap();
        fs::write(folder.path().join("key.pem"), key).unwrap();
        let port = free();
        let tls = "tls: {cert_file: certificate.pem, key_file: key.pem}";
        let collector = Collector::start(folder, &format!("http: {{endpoint: '127.0.0.1:{port}', {tls}}}"), "json");
        let proxy = self.road(port, &certificate);
        (collector, proxy)
    }

    /// The road to a receiver with this port and this certificate.
    fn road(&mut self, port: u16, certificate: &str) -> Proxy {
        let proxy = Proxy::start(port, "HTTP/1.1 200 OK\r\n\r\n", None);
        let path = self.person.home().join("receiver.pem");
        fs::write(&path, certificate).unwrap();
        let path = format!("Z:{}", path.to_str().unwrap().replace('/', "\\"));
        self.set("SSL_CERT_FILE", &path);
        self.set("HTTPS_PROXY", &format!("http://{}", proxy.address));
        proxy
    }
}

#[test]
#[ignore = "needs Wine: bash .ci/wine"]
fn no_console_is_known_to_be_seen_so_no_notice_is_printed_and_nothing_recorded() {
    let user = WindowsUser::new();
    for _ in 0..2 {
        assert_eq!(user.run_on_console(&["--lines", "text.txt"]), (0, "2\n".to_owned()));
        assert_eq!(user.files(), [""; 0].map(PathBuf::from));
    }
    let status = user.run(&["telemetry", "status"]);
    assert_eq!(status.code, 11);
    assert!(status.stdout.contains("it is unknown whether a console is read"), "{}", status.stdout);
    let (code, shown) = user.run_on_console(&["telemetry", "on"]);
    assert!(code == 0 && shown.starts_with("words reports how it is used, unless you say no.\n"), "{shown:?}");
    assert!(shown.contains("`words.exe telemetry off`"), "{shown}");
    assert_eq!(user.files(), [user.answers()]);
}

#[test]
#[ignore = "needs Wine: bash .ci/wine"]
fn a_run_is_recorded_sent_with_a_receipt_and_off_deletes_everything() {
    let mut user = WindowsUser::new();
    let (receiver, proxy) = user.receiver();
    assert_eq!(user.run(&["telemetry", "on"]).code, 0);
    user.postpone_uploads();
    assert_eq!(user.run(&["text.txt"]).code, 0);
    assert_eq!(user.records(), 2, "{:?}", user.files());
    assert_eq!(proxy.take(), Vec::<String>::new());
    let sent = user.run(&["telemetry", "send"]);
    assert_eq!(sent.code, 0, "{}{}", sent.stdout, sent.stderr);
    assert_eq!(receiver.take().len(), 2, "a request for each signal");
    let receipts = user.waiting();
    assert!(receipts.len() == 1 && receipts[0].starts_with(user.state().join("sent")), "{receipts:?}");
    assert_eq!(user.run(&["text.txt"]).code, 0);
    let off = user.run(&["telemetry", "off"]);
    assert_eq!(off.code, 0, "{}{}", off.stdout, off.stderr);
    let mut left = user.files();
    left.sort();
    assert_eq!(left, [user.answers(), user.state().join("stamp"), user.state().join("upload.lock")]);
    assert!(fs::read_to_string(user.answers()).unwrap().contains("\nno = "));
    assert_eq!(user.run(&["text.txt"]).code, 0);
    assert_eq!((user.records(), receiver.take().len()), (0, 0));
}

#[test]
#[ignore = "needs Wine: bash .ci/wine"]
fn a_program_on_a_console_sends_after_its_end() {
    let mut user = WindowsUser::new();
    let (receiver, _proxy) = user.receiver();
    assert_eq!(user.run(&["telemetry", "on"]).code, 0);
    let mut command = user.program(&["text.txt"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success());
    until("an uploader sends", || receiver.arrivals.lock().unwrap().len() == 2);
    until("it notes the receipts, and deletes the files", || user.records() == 2 && user.waiting().len() == 1);
}

#[test]
#[ignore = "needs Wine and strace: bash .ci/wine, apt-get install strace"]
fn every_way_to_turn_telemetry_off_leaves_no_trace() {
    type Way = fn(&mut WindowsUser);
    const PROFILES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
    let ways: [(&str, Way); 9] = [
        ("a stored no", |user| assert_eq!(user.run(&["telemetry", "off"]).code, 0)),
        ("DO_NOT_TRACK", |user| user.set("DO_NOT_TRACK", "1")),
        ("continuous integration", |user| user.set("CI", "1")),
        ("the program's variable", |user| user.set("WORDS_TELEMETRY", "0")),
        ("the organisation", |user| user.say_for_all("off")),
        ("the project", |user| fs::write(user.person.work().join(".telemetry.toml"), "off").unwrap()),
        ("the profile of a service", |user| {
            let name = user.local().ancestors().nth(2).unwrap().file_name().unwrap().to_owned();
            let profile = format!(r"c:\USERS\{}", name.to_str().unwrap());
            user.write_value(&format!(r"{PROFILES}\S-1-5-82-1-2"), "ProfileImagePath", &profile);
        }),
        ("local data elsewhere", |user| user.link(&user.local())),
        ("a link to elsewhere", |user| user.link(&user.local().join("scruple"))),
    ];
    for (what, way) in ways {
        let mut user = WindowsUser::who_said_yes();
        let (_receiver, proxy) = user.receiver();
        way(&mut user);
        let before = user.files();
        assert_eq!(user.run_on_console(&["text.txt"]), (0, "3\n".to_owned()), "{what}");
        assert_eq!(user.run(&["telemetry", "status"]).code, 10, "{what}");
        let (ran, seen) = user.run_traced(&["text.txt"]);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), seen.as_slice()),
            (0, "3\n", [""; 0].map(str::to_owned).as_slice()),
            "{what}"
        );
        assert_eq!((user.files(), proxy.take()), (before, Vec::new()), "{what}");
    }
    // The control.
    let mut user = WindowsUser::who_said_yes();
    let (_receiver, proxy) = user.receiver();
    // It is no objection.
    user.say_for_all("on");
    user.postpone_uploads();
    let (ran, seen) = user.run_traced(&["text.txt"]);
    assert!(ran.code == 0 && seen.iter().any(|line| line.contains(".jsonl")), "{}{seen:?}", ran.stderr);
    let (ran, seen) = user.run_traced(&["telemetry", "send"]);
    assert!(ran.code == 0 && seen.iter().any(|line| line.contains("socket(AF_INET")), "{}{seen:?}", ran.stderr);
    assert!(!proxy.take().is_empty());
}

#[test]
#[ignore = "needs Wine: bash .ci/wine"]
fn fifty_processes_at_once_lose_nothing_that_was_written_and_killed_ones_no_file() {
    let user = WindowsUser::who_said_yes();
    user.postpone_uploads();
    let start = || -> Vec<Child> { (0..50).map(|_| user.program(&["text.txt"]).spawn().unwrap()).collect() };
    let ended: Vec<_> = start().into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let (well, badly): (Vec<_>, Vec<_>) = ended.iter().partition(|ended| ended.status.success());
    // A process of Wine may lose its connection to Wine's server on a busy machine.
    assert!(badly.iter().all(|ended| ended.stderr.starts_with(b"wine client error")), "{badly:?}");
    assert!((2 * well.len()..=100).contains(&user.records()) && badly.len() < 10, "{}", user.records());
    for (nth, mut child) in start().into_iter().enumerate() {
        std::thread::sleep(Duration::from_millis(nth as u64));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let written = user.records();
    assert!(written >= 2 * well.len(), "{written}");
    let status = user.run(&["telemetry", "status"]);
    assert!(status.stdout.contains(&format!("{written} records")), "{}", status.stdout);
    assert_eq!(user.run(&["telemetry", "off"]).code, 0);
    assert_eq!(user.records(), 0);
}

/// All that a person can do, at a real Collector.
#[test]
#[ignore = "needs Wine and the Collector: bash .ci/wine, bash collector-config/build collector"]
fn a_person_says_yes_records_sends_looks_and_says_no() {
    let mut user = WindowsUser::new();
    let (collector, _proxy) = user.collector();
    assert_eq!(user.run_on_console(&["text.txt"]), (0, "3\n".to_owned()), "no notice, and no record");
    assert_eq!(user.run(&["telemetry", "on"]).code, 0);
    user.postpone_uploads();
    assert_eq!(user.run(&["--lines", "text.txt"]).code, 0);
    let sent = user.run(&["telemetry", "send"]);
    assert_eq!((sent.code, sent.stdout.as_str()), (0, "sent 2 records\n"), "{}", sent.stderr);
    let shown = user.run(&["telemetry", "show", "--sent"]);
    assert!(shown.stdout.contains("words.run") && shown.stdout.contains("words.read"), "{}", shown.stdout);
    assert_eq!(user.run(&["telemetry", "off"]).code, 0);
    assert_eq!((user.records(), user.waiting().len()), (0, 0), "no record and no receipt is left");
    let folder = collector.stop();
    let arrived = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
    let (spans, events) = (arrived("traces"), arrived("logs"));
    assert!(spans.contains("words.run") && events.contains("words.read"), "{spans}{events}");
    assert!(!(spans + &events).contains("text.txt"), "no value of an argument");
}
