//! A16: what is private to a person, and where it must not be.

use super::cards;
use super::collector::kept;
use super::receiver::contains;
use scruple_fixtures::process::host_name;
use std::fs;

/// What no byte that leaves may contain, in any case.
pub const MARKER: &str = "canary";

/// A number of the data set's.
pub const NUMBER: f64 = 7_315.091_7;

/// What in these bytes is private, if anything is.
pub fn private(bytes: &[u8]) -> Option<String> {
    let lower = bytes.to_ascii_lowercase();
    let host = host_name().to_lowercase();
    let mut texts = vec![
        MARKER.to_owned(),
        hex(MARKER.as_bytes()),
        NUMBER.to_string(),
        env!("CARGO_MANIFEST_DIR").to_lowercase(),
        "/tmp/".to_owned(),
    ];
    texts.extend((host.len() > 3).then_some(host));
    texts.extend(cards::every_trace().into_iter().map(|trace| trace.to_lowercase()));
    let numbers = [NUMBER.to_le_bytes(), NUMBER.to_be_bytes()];
    let number = numbers.iter().any(|number| contains(bytes, number)).then(|| "a number".to_owned());
    number.or_else(|| texts.into_iter().find(|text| contains(&lower, text.as_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// More than the original, which asks for user names, file names and data: also the values of arguments, the environment,
/// the host, the network cards and messages; over a thousand runs in `canaries`.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a16_nothing_private_leaves_or_is_kept() {
    let mut shown = String::new();
    let kept = kept(|person| {
        person.set("CANARY_TOKEN", "canary-token").set("RUST_LOG", "debug").set("USER", "canary-user");
        let folder = person.work().join("canary-folder");
        fs::create_dir(&folder).unwrap();
        let rows: String = (0..20).map(|row| format!("{NUMBER},canary-class-{}\n", row % 2)).collect();
        fs::write(folder.join("canary.csv"), format!("width,canary_column\n{rows}")).unwrap();
        fs::write(folder.join("bad.csv"), format!("width,canary_column\n{rows}canary-cell,x,y\n")).unwrap();
        for (dataset, name) in [("canary.csv", "canary-name"), ("bad.csv", "x"), ("canary-none.csv", "x")] {
            let dataset = folder.join(dataset).display().to_string();
            let ran = person.run(["classification", "--label-col=canary_column", "-d", &dataset, "--name", name]);
            shown += &ran.stderr;
            let ran = person.crash(["predict", "--model=canary-name.json", "-d", &dataset]);
            shown += &ran.stderr;
        }
    });
    for planted in ["canary.csv", "canary_column", "canary-class-0", "canary-none.csv", "7315.0917", "cannot print"] {
        assert!(shown.contains(planted), "{planted} is in the program's log, where it may be: {shown}");
    }
    assert_eq!((kept.commands().len(), kept.records.len()), (6, 7), "five went on, one of them crashed");
    assert_eq!(private(&kept.sent), None);
    assert_eq!(private(kept.text.as_bytes()), None);
}
