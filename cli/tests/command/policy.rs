//! `scruple policy` as a process: keys, files, exit codes, streams, and secrets, which are never printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use scruple::policy::{Key, Keys, Narrowing, PolicyExpectations, PolicyRefused, verify};
use tempfile::TempDir;

/// The files and keys of another implementation; the first key's seed is the bytes 0 to 31.
const VECTORS: &str = include_str!("../../../tests/vectors/policy.tsv");

/// The time of these files, and the start of the policies in them.
const NOW: u64 = 1_800_000_000;
const BEGIN: &str = "2027-01-14T08:00:00Z";

/// A folder with the example's registry in `telemetry` and the vectors' key in `key.pem`.
struct Vendor {
    folder: TempDir,
}

impl Vendor {
    fn new() -> Self {
        let vendor = Self { folder: tempfile::tempdir().expect("a folder") };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registries/treatments");
        fs::create_dir(vendor.path("telemetry")).expect("a folder");
        for name in ["manifest.yaml", "attributes.yaml", "resource.yaml", "signals.yaml"] {
            fs::copy(example.join(name), vendor.path("telemetry").join(name)).expect("the example is there");
        }
        let seed: Vec<u8> = (0..32).collect();
        fs::write(vendor.path("key.pem"), pkcs8(&seed)).expect("a file");
        vendor
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("a file");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scruple"));
        command.arg("policy").args(arguments).current_dir(self.folder.path()).env_remove("CLICOLOR_FORCE");
        command.output().expect("it runs")
    }

    /// Runs the command, whose standard error must contain `message`; returns its standard output.
    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32, message: &str) -> String {
        let output = self.run(arguments);
        let stderr = super::check::plain(&String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(message), "{arguments:?}: {stderr}");
        assert!(code == 0 || output.stdout.is_empty(), "{arguments:?}: nothing on standard output");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Signs a policy for the example with additional options.
    #[track_caller]
    fn sign(&self, more: &[&str], code: i32, message: &str) {
        let arguments = ["sign", "--key", "key.pem", "--registry", "telemetry", "--serial", "7", "--days", "2"];
        self.check(&[&arguments[..], more].concat(), code, message);
    }
}

/// A private key in the form of other tools: version 1 of PKCS#8 (RFC 8410, section 7).
fn pkcs8(seed: &[u8]) -> String {
    let prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let body = BASE64_STANDARD.encode([&prefix[..], seed].concat());
    ["-----BEGIN PRIVATE KEY-----", &body, "-----END PRIVATE KEY-----", ""].join("\n")
}

/// The id and the hexadecimal digits of the vectors' key in a slot.
fn vector_key(slot: &str) -> (&'static str, &'static str) {
    let row = VECTORS.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find(|row| row[..2] == ["key", slot]);
    row.map(|row| (row[2], row[3])).expect("both slots have a key")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(digit).collect()
}

const EVERYTHING: [&str; 22] = [
    "--disable-signal",
    "mlnet.train",
    "--disable-signal",
    "mlnet.crash",
    "--disable-signal=mlnet.train",
    "--disable-attribute=mlnet.rows",
    "--disable-attribute=mlnet.dataset.name",
    "--off-where",
    "os.type=windows",
    "--off-where",
    "mlnet.sdk=skinny",
    "--off-where=mlnet.sdk=größe",
    "--off-where=mlnet.sdk=skinny",
    "--off-version",
    "16.18.2.4294967295..",
    "--off-version",
    "1.2.0.0..1.2.0.300",
    "--off-version",
    "0..1.0",
    "--off-version=..1",
    "--rollout",
    "25.0",
];

#[test]
fn another_implementation_signs_the_same_bytes() {
    let vendor = Vendor::new();
    let arguments = ["sign", "--key", "key.pem", "--app-id", "com.example.mlnet", "--serial", "7", "--days", "2"];
    let arguments = [&arguments[..], &["--not-before", BEGIN], &EVERYTHING].concat();
    vendor.check(&arguments, 0, "wrote policy.pb: com.example.mlnet, serial 7, until 2027-01-16T08:00:00Z, SHA-256 ");
    let signed = fs::read(vendor.path("policy.pb")).expect("it was written");
    let row = VECTORS.lines().find(|line| line.contains("\"rollout_basis_points\": 2500")).expect("a full policy");
    assert_eq!(signed, bytes(row.split('\t').nth(2).expect("its file")));
}

#[test]
fn show_prints_the_signed_content() {
    let vendor = Vendor::new();
    let (id, _) = vector_key("current");
    vendor.sign(&["--not-before", BEGIN], 0, "");
    let shown = vendor.check(&["show", "policy.pb"], 0, "");
    assert!(shown.ends_with("\n  rollout   100 % of installations\n"), "{shown}");

    let arguments = ["sign", "--key", "key.pem", "--app-id", "com.example.mlnet", "--serial", "7", "--days", "2"];
    vendor.check(&[&arguments[..], &["--not-before", BEGIN, "--out", "full.pb"], &EVERYTHING].concat(), 0, "full.pb");
    let file = fs::read(vendor.path("full.pb")).expect("it was written");
    let hash = scruple::policy::hash(&file);
    let expected = format!(
        "full.pb: a policy; its signature was not verified
  program   com.example.mlnet
  serial    7
  from      2027-01-14T08:00:00Z
  until     2027-01-16T08:00:00Z
  key       {id}
  SHA-256   {hash}
  off       signal mlnet.crash
  off       signal mlnet.train
  off       attribute mlnet.dataset.name
  off       attribute mlnet.rows
  off       where mlnet.sdk is größe
  off       where mlnet.sdk is skinny
  off       where os.type is windows
  off       versions before 1.0
  off       versions from 1.2, before 1.2.0.300
  off       versions from 16.18.2.4294967295
  rollout   25 % of installations
"
    );
    assert_eq!(vendor.check(&["show", "full.pb"], 0, ""), expected);
    let json = vendor.check(&["show", "full.pb", "--json"], 0, "");
    let json: serde_json::Value = serde_json::from_str(&json).expect("one JSON document");
    let expected = serde_json::json!({
        "key_id": id, "sha256": hash, "app_id": "com.example.mlnet", "serial": 7,
        "not_before": NOW - 86_400, "not_after": NOW + 86_400,
        "disabled_signals": ["mlnet.crash", "mlnet.train"],
        "disabled_attributes": ["mlnet.dataset.name", "mlnet.rows"],
        "off_where": [
            {"key": "mlnet.sdk", "members": ["größe", "skinny"]},
            {"key": "os.type", "members": ["windows"]},
        ],
        "off_versions": [
            {"from": null, "to": "1.0"},
            {"from": "1.2", "to": "1.2.0.300"},
            {"from": "16.18.2.4294967295", "to": null},
        ],
        "rollout_basis_points": 2_500,
    });
    assert_eq!(json, expected);
}

#[test]
fn the_printed_constant_verifies_what_its_new_key_signs() {
    let vendor = Vendor::new();
    let constant = vendor.check(&["key", "--out", "new.pem"], 0, "wrote the private key to new.pem");
    let id = constant.split('"').nth(1).expect("an id").to_owned();
    let numbers = constant.split("0x").skip(1).map(|rest| u8::from_str_radix(&rest[..2], 16).expect("a byte"));
    let public: [u8; 32] = numbers.collect::<Vec<_>>().try_into().expect("32 bytes");
    let digits: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(constant.starts_with(&format!("/// The policy key {id}: {digits}.\npub const POLICY_KEY: ")), "{constant}");
    assert_eq!(vendor.check(&["key", "--existing", "new.pem"], 0, ""), constant);
    vendor.sign(&["--key", "new.pem", "--rollout", "0.01"], 2, "cannot be used multiple times");
    let arguments = ["sign", "--key", "new.pem", "--registry", "telemetry", "--serial", "7", "--days", "30"];
    vendor.check(&[&arguments[..], &["--rollout", "0.01", "--off-version", "..2"]].concat(), 0, "");
    vendor.check(&["verify", "policy.pb", "--public-key", &digits], 0, "");

    let keys = Keys { current: None, next: Some(Key { id: &id, public }) };
    let terms = PolicyExpectations { keys, app_id: "com.example.mlnet", serial_floor: 7, built: 0, newest: None };
    let file = fs::read(vendor.path("policy.pb")).expect("it was written");
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let policy = verify(&file, &terms, now).expect("the policy is valid");
    assert!(policy.in_rollout(0) && !policy.in_rollout(1));
    assert_eq!(policy.allows_program("1.9", [], 0), Err(Narrowing::Version));
    assert_eq!(policy.allows_program("2.0", [], 0), Ok(()));
    // The policy is valid for a clock that is half an hour behind, and has ended in 30 days.
    assert!(verify(&file, &terms, now - 1_800).is_ok());
    assert_eq!(verify(&file, &terms, now + 30 * 86_400), Err(PolicyRefused::Expired));
    assert_ne!(vendor.check(&["key", "--out", "other.pem"], 0, ""), constant);
}

#[test]
fn only_its_owner_can_read_a_private_key_and_it_is_never_printed_or_overwritten() {
    let vendor = Vendor::new();
    #[cfg(unix)]
    let made = {
        let script = format!("umask 0; exec '{}' policy key", env!("CARGO_BIN_EXE_scruple"));
        Command::new("sh").args(["-c", &script]).current_dir(vendor.folder.path()).output().expect("it runs")
    };
    // It has the access that its folder hands down.
    #[cfg(windows)]
    let made = vendor.run(&["key"]);
    assert!(made.status.success());
    let path = vendor.path("policy-key.pem");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("it was written").permissions().mode() & 0o7777, 0o600);
    }

    let pem = fs::read_to_string(&path).expect("it was written");
    let body = pem.lines().nth(1).expect("one line of base64");
    let der = BASE64_STANDARD.decode(body).expect("base64");
    assert_eq!(der.len(), 48, "version 1, without the public key");
    let seed: String = der[16..].iter().map(|byte| format!("{byte:02x}")).collect();
    let rust: Vec<String> = der[16..20].iter().map(|byte| format!("{byte:#04x}")).collect();
    let secret = [body[24..].trim_end_matches('=').to_owned(), seed, rust.join(", ")];
    let again = vendor.run(&["key"]);
    let message = String::from_utf8_lossy(&again.stderr);
    assert_eq!(again.status.code(), Some(2));
    assert!(message.contains("policy-key.pem exists already"), "{message}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), pem);
    let sign = ["sign", "--key", "policy-key.pem", "--registry", "telemetry", "--serial", "1", "--days", "1"];
    let wrong = ["sign", "--key", "policy-key.pem", "--app-id", "com.example.a", "--serial", "1", "--days", "0"];
    for output in [
        made,
        again,
        vendor.run(&["key", "--existing", "policy-key.pem"]),
        vendor.run(&sign),
        vendor.run(&wrong),
        vendor.run(&["verify", "policy.pb", "--public-key", "policy-key.pem"]),
        vendor.run(&["verify", "policy-key.pem", "--public-key", vector_key("current").1]),
        vendor.run(&["show", "policy-key.pem"]),
        vendor.run(&["show", "policy.pb", "--json"]),
    ] {
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        assert!(!printed.is_empty());
        for secret in &secret {
            assert!(!printed.contains(secret.as_str()), "{printed}");
        }
    }
    let policy = fs::read(vendor.path("policy.pb")).expect("it was signed");
    assert!(!policy.windows(32).any(|bytes| bytes == &der[16..]));
}

#[test]
fn verify_exits_with_1_for_an_invalid_policy_and_gives_the_reason() {
    let vendor = Vendor::new();
    let (id, public) = vector_key("current");
    let (other_id, other) = vector_key("next");
    let verify = |more: &[&str], code, message: &str| {
        let arguments = [&["verify", "policy.pb", "--public-key", public], more].concat();
        vendor.check(&arguments, code, message)
    };
    vendor.sign(&[], 0, "");
    let output = verify(&[], 0, "");
    assert!(output.starts_with("policy.pb is valid: com.example.mlnet, serial 7, until 2"), "{output}");
    verify(&["--app-id", "com.example.mlnet", "--serial-floor", "7", "--registry", "telemetry"], 0, "");
    verify(&["--serial-floor", "8"], 1, "the policy's serial is 7, below the smallest accepted 8");
    verify(&["--app-id", "com.example.other"], 1, "the policy is for `com.example.mlnet`, not for `com.example.other`");
    let wrong = ["verify", "policy.pb", "--public-key", other];
    let message = format!("the policy names the key `{id}`, but the public key is `{other_id}`");
    vendor.check(&wrong, 1, &message);

    let whole = fs::read(vendor.path("policy.pb")).expect("it was signed");
    let mut flipped = whole.clone();
    *flipped.last_mut().expect("a byte") ^= 1;
    vendor.put("policy.pb", &flipped);
    verify(&[], 1, "policy.pb: error: the policy's signature is invalid");
    vendor.put("policy.pb", [&whole[..], &[0x22, 0]].concat());
    verify(&[], 1, "the policy has an unknown field, or is not in canonical form");
    for no_policy in [&b""[..], b"<!DOCTYPE html>", b"{}", &[0xff; 100]] {
        vendor.put("policy.pb", no_policy);
        verify(&[], 1, "policy.pb: error: this is not a policy");
        vendor.check(&["show", "policy.pb"], 2, "error: this is not a policy");
    }
    vendor.put("policy.pb", vec![0xff; (64 << 10) + 1]);
    verify(&[], 1, "the policy has more than 64 KiB");

    vendor.sign(&["--not-before", "2020-01-01"], 0, "until 2020-01-03T00:00:00Z");
    verify(&[], 1, "the policy ended at 2020-01-03T00:00:00Z: sign one with a greater serial");
    vendor.sign(&["--not-before", "2999-01-01T12:00:00Z"], 0, "");
    verify(&[], 1, "the policy begins at 2999-01-01T12:00:00Z");

    let arguments = ["sign", "--key", "key.pem", "--app-id", "com.example.mlnet", "--serial", "7", "--days", "2"];
    vendor.check(&[&arguments[..], &["--disable-signal", "mlnet.gone"]].concat(), 0, "");
    verify(&[], 0, "");
    let message = "policy.pb: error: there is no span or event `mlnet.gone` in telemetry\n  help: the registry has `";
    verify(&["--registry", "telemetry"], 1, message);
}

#[test]
fn an_undeclared_name_is_a_mistake_with_a_suggestion() {
    let vendor = Vendor::new();
    for (option, value, message) in [
        (
            "--disable-signal",
            "mlnet.trian",
            "there is no span or event `mlnet.trian` in telemetry\n  help: did you mean `mlnet.train`?",
        ),
        ("--disable-signal", "mlnet.task", "there is no span or event `mlnet.task`"),
        (
            "--disable-attribute",
            "mlnet.tasks",
            "there is no attribute `mlnet.tasks` in telemetry\n  help: did you mean `mlnet.task`?",
        ),
        ("--disable-attribute", "z", "\n  help: the registry has `host.arch`, `mlnet.agent`"),
        ("--off-where", "os.typ=linux", "there is no attribute `os.typ` in telemetry\n  help: did you mean `os.type`?"),
        (
            "--off-where",
            "os.type=windwos",
            "there is no member of `os.type` `windwos` in telemetry\n  help: did you mean `windows`?",
        ),
        (
            "--off-where",
            "mlnet.ci=1",
            "there is no member of `mlnet.ci` `1` in telemetry\n  help: the registry has `false`, `true`",
        ),
        (
            "--off-where",
            "mlnet.dataset.name=iris",
            "`mlnet.dataset.name` has no members, so no value of it can be turned off",
        ),
        (
            "--app-id",
            "com.example.other",
            "`com.example.other` is not the program of telemetry\n  help: its id is `com.example.mlnet`",
        ),
    ] {
        vendor.sign(&[option, value], 2, message);
        vendor.sign(&[option, value], 2, &format!("{option}: error: "));
    }
    vendor.sign(&["--disable-signal", "a", "--disable-attribute", "b", "--off-where", "c=d"], 2, "3 mistakes");
    assert!(!vendor.path("policy.pb").exists(), "nothing is written");
    for value in ["mlnet.ci=true", "os.type=darwin", "mlnet.argument.names=--dataset", "mlnet.dataset.size=<1KiB"] {
        vendor.sign(&["--off-where", value], 0, "wrote policy.pb");
    }
    vendor.put("telemetry/more.yaml", "file_format: definition/2\nevents:\n  - {name: A}\n");
    vendor.sign(&[], 2, "telemetry/more.yaml:3:12: error: `A` can't be a name");
}

#[test]
fn an_invalid_option_is_refused() {
    let vendor = Vendor::new();
    let names = "names and keys have lower-case letters";
    let versions = "a version has one to four numbers";
    let range = "write FROM..TO, FROM.. or ..TO";
    let empty = "this range is empty";
    let share = "a share is a number from 0 to 100 with at most two decimals";
    for (option, values, message) in [
        ("--disable-signal", &["", "A", "a b", "mlnet-train", "\u{1b}[31m"][..], names),
        ("--disable-attribute", &["", "1a", "a\n"], names),
        ("--off-where", &["=x", "A=x"], names),
        ("--off-where", &["os.type", "os.type=", "os.type= x", "os.type=a\u{7}"], "write KEY=MEMBER"),
        (
            "--off-version",
            &["1.2.3.4.5..", "..v1", "1.2-rc..2", "1..x", "4294967296..", "1.2...4", "+1..2", " 1..2"],
            versions,
        ),
        ("--off-version", &["", "1.2", "1.2.3", ".."], range),
        ("--off-version", &["1..1", "2..1", "1.0..1", "..0", "0..0.0", "1.10..1.9"], empty),
        ("--rollout", &["", "101", "100.01", "1.234", ".5", "5.", "1e1", "25%", "+5", "0x1", "1.+5", "1000"], share),
        ("--not-before", &["", "yesterday", "2026-02-31", "1969-12-31", "12:00"], "write a time as"),
    ] {
        for value in values {
            vendor.sign(&[&format!("{option}={value}")], 2, message);
        }
    }
    let sign = |serial: &str, days: &str, app_id: &str, message: &str| {
        vendor.check(&["sign", "--key", "key.pem", "--app-id", app_id, "--serial", serial, "--days", days], 2, message);
    };
    sign("0", "1", "com.example.a", "0 is not in 1..");
    sign("-1", "1", "com.example.a", "--serial");
    sign("18446744073709551616", "1", "com.example.a", "number too large");
    sign("1", "0", "com.example.a", "0 is not in 1..=30");
    sign("1", "31", "com.example.a", "31 is not in 1..=30");
    sign("1", "1", "mlnet", "a program's id is a reversed domain");
    vendor.check(&["sign", "--key", "key.pem", "--serial", "1", "--days", "1"], 2, "--app-id <ID>");
    vendor.check(&["key", "--existing", "key.pem", "--out", "x"], 2, "cannot be used with");
    assert!(!vendor.path("policy.pb").exists(), "nothing is written");
    for (rollout, shown) in
        [("0", "0 %"), ("00.50", "0.5 %"), ("33.33", "33.33 %"), ("100", "100 %"), ("100.00", "100 %")]
    {
        vendor.sign(&["--rollout", rollout], 0, "");
        assert!(vendor.check(&["show", "policy.pb"], 0, "").contains(&format!("  {shown} of")), "{rollout}");
    }
}

#[test]
fn an_invalid_or_unusable_key_file_exits_with_2() {
    let vendor = Vendor::new();
    vendor.sign(&[], 0, "");
    let no_key = "has no Ed25519 private key in PKCS#8 PEM";
    let ec =
        "-----BEGIN PRIVATE KEY-----\nMEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCA=\n-----END PRIVATE KEY-----\n";
    for (name, bytes) in
        [("empty", &b""[..]), ("short", pkcs8(&[1; 31]).as_bytes()), ("ec", ec.as_bytes()), ("binary", &[0xff; 100])]
    {
        vendor.put(name, bytes);
        vendor.check(&["key", "--existing", name], 2, &format!("{name} {no_key}"));
        vendor.check(&["sign", "--key", name, "--app-id", "a.b", "--serial", "1", "--days", "1"], 2, no_key);
    }
    vendor.check(&["key", "--existing", "nothing"], 2, "nothing can't be read: ");
    vendor.check(&["key", "--existing", "telemetry"], 2, "telemetry can't be read: ");
    vendor.check(&["key", "--out", "no/where.pem"], 2, "no/where.pem can't be written: ");
    vendor.sign(&["--out", "no/where.pb"], 2, "no/where.pb can't be written: ");
    vendor.check(&["show", "nothing"], 2, "nothing can't be read: ");

    let (_, public) = vector_key("current");
    let verify =
        |key: &str, code, message: &str| vendor.check(&["verify", "policy.pb", "--public-key", key], code, message);
    vendor.put("public.hex", format!("{}\n", public.to_uppercase()));
    verify("public.hex", 0, "");
    let spki = [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], &bytes(public)].concat();
    let spki = BASE64_STANDARD.encode(spki);
    vendor.put("public.pem", format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n"));
    verify("public.pem", 0, "");
    verify("key.pem", 2, "key.pem has a private key, but a public one is needed");
    verify("empty", 2, "empty has no Ed25519 public key, neither in PEM nor as 64 hexadecimal digits");
    verify("binary", 2, "binary has no Ed25519 public key");
    verify(&public[1..], 2, "can't be read: ");
    // Not a point of the curve, and a point of small order.
    verify(&"02".repeat(32), 2, "these hexadecimal digits are no Ed25519 public key");
    verify(&format!("01{}", "00".repeat(31)), 2, "these hexadecimal digits are no Ed25519 public key");
    vendor.check(&["verify", "nothing", "--public-key", public], 2, "nothing can't be read: ");
}

#[test]
fn an_endless_file_is_refused_and_text_of_a_policy_cannot_control_a_terminal() {
    let vendor = Vendor::new();
    let (_, public) = vector_key("current");
    // Windows has no file without an end.
    let endless = if cfg!(unix) { "/dev/zero" } else { "zeros" };
    vendor.put("zeros", vec![0; 1 << 20]);
    vendor.check(&["show", endless], 2, "the policy has more than 64 KiB");
    vendor.check(&["verify", endless, "--public-key", public], 1, "the policy has more than 64 KiB");
    vendor.check(&["key", "--existing", endless], 2, "has no Ed25519 private key");

    let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let payload = scruple::policy::Payload {
        app_id: "a\u{1b}[2J".to_owned(),
        serial: u64::MAX,
        not_before: u64::MAX - 1,
        not_after: u64::MAX,
        disabled_signals: vec!["\u{202e}b".to_owned()],
        ..Default::default()
    };
    let content = prost::Message::encode_to_vec(&payload);
    let signature = ed25519_dalek::Signer::sign(&key, &scruple::policy::signed(&content)).to_bytes().to_vec();
    let envelope = scruple::policy::Envelope { key_id: "\u{7}".to_owned(), payload: content, signature };
    vendor.put("policy.pb", prost::Message::encode_to_vec(&envelope));
    let shown = vendor.check(&["show", "policy.pb"], 0, "");
    assert!(shown.contains("  program   a\\u{1b}[2J\n"), "{shown}");
    assert!(shown.contains("  from      second 18446744073709551614\n"), "{shown}");
    assert!(shown.contains("  off       signal \\u{202e}b\n"), "{shown}");
    // Its output is compared with slashes for backslashes on Windows.
    let named = if cfg!(unix) { "the policy names the key `\\u{7}`" } else { "the policy names the key `/u{7}`" };
    vendor.check(&["verify", "policy.pb", "--public-key", public], 1, named);
}

#[test]
fn another_tools_key_is_read() {
    let vendor = Vendor::new();
    let (id, public) = vector_key("current");
    let constant = vendor.check(&["key", "--existing", "key.pem"], 0, "");
    assert!(constant.starts_with(&format!("/// The policy key {id}: {public}.\n")), "{constant}");
}
