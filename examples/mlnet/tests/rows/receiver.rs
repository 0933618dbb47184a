//! A5, A6, A7, A11, A15: what a real Collector keeps of a data set, a crash and a connection, and who gets nothing.

use super::collector::{kept, kept_of};
use super::person::{Person, own};
use super::road::{Certificate, RECEIVER, Road, SENDER};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

fn learn(person: &Person, dataset: &Path) {
    let ran = person.run([
        "classification".as_ref(),
        "--train-time=0".as_ref(),
        "--label-col=species".as_ref(),
        "--dataset".as_ref(),
        dataset.as_os_str(),
    ]);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

/// More than the original: the program does not know its address, and the whole of it is never in a file.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a05_three_octets_of_the_address_are_made_from_the_connection() {
    let kept = kept(|person| {
        learn(person, &own("data/iris.csv"));
        person.crash(["classification", "--label-col=species", "--train-time=0", "--dataset", iris()]);
    });
    assert_eq!(kept.records.len(), 3, "two commands and a crash");
    for record in &kept.records {
        assert_eq!(record.attribute("client.address"), "127.9.8.0");
    }
    // Not the sender's, nor what a header claims.
    for address in [SENDER.to_string().as_str(), "203.0.113"] {
        assert!(!kept.text.contains(address), "{address}: {}", kept.text);
    }
    let page = fs::read_to_string(own("TELEMETRY.md")).unwrap();
    assert!(page.contains("the first three octets of the sender's IPv4 address"), "people can read it");
    let notice = fs::read_to_string(own("NOTICE.txt")).unwrap();
    assert!(notice.contains("The receiver adds three octets of the IPv4 address"), "before they agree");
    for sent in ["address", "127.", "203.0"] {
        assert!(!String::from_utf8_lossy(&kept.sent).contains(sent), "the program says {sent}");
    }
}

/// More than the original: with a key that stays on the machine and changes every month, so that nobody can try names.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a06_the_data_sets_name_is_a_hash_by_this_machines_key() {
    let people = vec![Person::new(), Person::new()];
    let kept = kept_of(people, |people| {
        for (person, files) in
            people.iter().zip([&["a/plants.csv", "b/plants.csv", "a/other.csv"][..], &["plants.csv"]])
        {
            for file in files {
                let file = person.work().join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::copy(own("data/iris.csv"), &file).unwrap();
                learn(person, &file);
            }
        }
    });
    let mut all: Vec<_> = kept.commands().iter().map(|it| it.attribute("mlnet.dataset.name").to_owned()).collect();
    assert!(all.iter().all(|hash| hash.len() == 32 && hash.chars().all(|c| c.is_ascii_hexdigit())), "{all:?}");
    assert_eq!(all.len(), 4);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3, "one of the name in two folders, another of another name, another of another machine");
    let plain = hex(&Sha256::digest("plants.csv"));
    assert!(!all.iter().any(|hash| plain.starts_with(hash)), "it can't be repeated elsewhere");
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a07_dataset_size_is_a_bucket() {
    const MIB: u64 = 1 << 20;
    let sizes = [(MIB - 1, "<1MiB"), (MIB, "<10MiB"), (10 * MIB + 7, "<100MiB"), (2_049 * MIB, ">=100MiB")];
    let kept = kept(|person| {
        for (size, _) in sizes {
            let path = person.work().join(format!("{size}.csv"));
            fs::write(&path, "a,species\n1,x\n").unwrap();
            File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
            learn(person, &path);
        }
    });
    let told: BTreeSet<_> = kept.commands().iter().map(|it| it.attribute("mlnet.dataset.size").to_owned()).collect();
    assert_eq!(told, sizes.iter().map(|(_, bucket)| (*bucket).to_owned()).collect());
    assert_eq!(kept.commands().len(), sizes.len());
    assert!(!sizes.iter().any(|(size, _)| kept.text.contains(&size.to_string())));
}

/// More than the original: the place is one in the program's own source, and there is no message, thread or trace.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a11_a_crash_is_recorded_by_its_place_and_never_by_its_message() {
    let kept = kept(|person| {
        let learnt = person.run(["classification", "--label-col=species", "--train-time=0", "-d", iris()]);
        assert_eq!(learnt.code, 0, "{}", learnt.stderr);
        let ran = person.crash(["predict", "--model=model.json", "--dataset", iris()]);
        assert_eq!(ran.code, 101, "a crash is one, whatever is told of it");
        assert!(ran.stderr.contains("cannot print \"setosa\""), "the message: {}", ran.stderr);
    });
    let source = fs::read_to_string(own("src/work.rs")).unwrap();
    let line = source.lines().position(|line| line.contains("panic!(")).unwrap() + 1;
    let crash: Vec<_> = kept.records.iter().filter(|record| record.name == "mlnet.crash").collect();
    let [crash] = crash[..] else { panic!("one: {:?}", kept.records) };
    assert_eq!(crash.attribute("mlnet.crash.location"), format!("src/work.rs:{line}"));
    let crashed = kept.commands().into_iter().find(|it| it.attribute("mlnet.command.name") == "predict").unwrap();
    assert_eq!(crashed.status, 2, "the command that crashed went wrong");
    for private in ["setosa", "cannot print", "os error", env!("CARGO_MANIFEST_DIR")] {
        assert!(!kept.text.contains(private) && !contains(&kept.sent, private.as_bytes()), "{private}");
    }
}

/// More than the original: no variable or file names another receiver, and what can't be sent safely waits.
#[test]
fn a15_nothing_is_sent_if_the_certificate_is_not_the_receivers() {
    let mut person = Person::new().says_yes();
    learn(&person, &own("data/iris.csv"));
    for certificate in [Certificate::Unknown, Certificate::OfSomebodyElse] {
        let road = Road::with(certificate, None);
        person = person.takes(&road);
        person.upload();
        assert!(road.requests().is_empty() && !person.waiting().is_empty());
    }
    let road = Road::open();
    person = person.takes(&road);
    person.drain();
    let heads = road.requests().into_iter().map(|it| String::from_utf8(it.head).unwrap().to_ascii_lowercase());
    let head = heads.into_iter().find(|head| head.contains("/v1/traces")).unwrap();
    let [asked, sent] = head.split("\r\n\r\n").take(2).collect::<Vec<_>>()[..] else { panic!("{head}") };
    assert!(asked.starts_with(&format!("connect {RECEIVER}:443 ")), "{head}");
    assert!(sent.starts_with("post /v1/traces http/1.1\r\n") && sent.contains(&format!("\r\nhost: {RECEIVER}\r\n")));
}

/// The last step as a person's machine takes it: the program ends, and an uploader of its own goes on alone.
#[test]
fn a15_records_leave_over_tls_and_the_program_does_not_wait() {
    let road = Road::open();
    let person = Person::new().takes(&road).says_yes();
    fs::remove_file(person.state().join("stamp")).unwrap();
    learn(&person, &own("data/iris.csv"));
    scruple_fixtures::until("it arrives", || !road.requests().is_empty() && person.waiting().is_empty());
    assert!(contains(&road.bytes(), b"mlnet.command"));
}

fn iris() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/data/iris.csv")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is anywhere in these bytes.
pub fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
