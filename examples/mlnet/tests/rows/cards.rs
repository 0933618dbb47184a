//! A3: the machine's network cards, and what is told of them: nothing, unless this is a build that has to.

use super::person::Person;
use super::road::Road;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;

/// The ways in which tools write an address before they hash it.
fn forms(address: &str) -> [String; 4] {
    let upper = address.to_uppercase();
    [address.to_owned(), upper.replace(':', "-"), upper.replace(':', ""), upper]
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The addresses of this machine's cards.
fn addresses() -> Vec<String> {
    let cards = fs::read_dir("/sys/class/net").unwrap().map(|card| card.unwrap().path().join("address"));
    let addresses = cards.filter_map(|path| fs::read_to_string(path).ok()).map(|text| text.trim().to_owned());
    addresses.filter(|address| address.len() == 17 && address != "00:00:00:00:00:00").collect()
}

/// Every form of each of them, and the start of its hash, which only the compatible build may tell.
pub fn every_trace() -> Vec<String> {
    let forms: Vec<_> = addresses().iter().flat_map(|address| forms(address)).collect();
    let hashes = forms.iter().map(|form| sha256(form)[..16].to_owned());
    let hashes: Vec<_> = hashes.filter(|_| !cfg!(feature = "mac-address")).collect();
    [forms, hashes].concat()
}

fn learn(person: &Person) {
    let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/data/iris.csv");
    assert_eq!(person.run(["classification", "--label-col=species", "--train-time=0", "--dataset", iris]).code, 0);
}

/// What requests say after this key: the first text of an id's characters, of this length.
fn after(bytes: &[u8], key: &str, length: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let is_of = |c: char| c.is_ascii_hexdigit() || c == '-';
    // What follows may happen to look like more of it.
    let value =
        |rest: &str| rest.split(|c| !is_of(c)).find_map(|word| word.get(..length)).unwrap_or_default().to_owned();
    text.split(key).skip(1).map(value).collect()
}

/// More than the original: the usual build has a random id instead, which nobody can find a machine by.
#[test]
#[cfg(not(feature = "mac-address"))]
fn a03_the_usual_build_has_a_random_id_and_nothing_of_the_machine() {
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let road = Road::open();
        let person = Person::new().takes(&road).says_yes();
        learn(&person);
        learn(&person);
        person.drain();
        let bytes = road.bytes();
        let found = after(&bytes, "service.instance.id", 36);
        let found: BTreeSet<_> = found.into_iter().filter(|id| !id.is_empty()).collect();
        assert_eq!(found.len(), 1, "one installation, two runs: {found:?}");
        ids.extend(found);
        for trace in every_trace() {
            assert!(!super::receiver::contains(&bytes, trace.as_bytes()), "{trace}");
        }
        assert!(!super::receiver::contains(&bytes, b"mlnet.machine"));
    }
    assert_eq!(ids.len(), 2, "two homes on one machine, two ids");
}

/// The one way to be compatible: the .NET command line's own, in a build that was made for it, with the notice saying so.
#[test]
#[cfg(feature = "mac-address")]
fn a03_the_compatible_build_sends_the_hash_of_the_dotnet_tools() {
    assert_eq!(
        forms("00:1a:2b:3c:4d:5e").map(|form| sha256(&form))[1],
        "b0f3c7e0c7a017fd8a70d7fa93b9344c27bf34e6f4e8bb9a6587a75867e1ee33",
        "of 00-1A-2B-3C-4D-5E, as the .NET command line has it"
    );
    let road = Road::open();
    let person = Person::new().takes(&road).says_yes();
    let notice = person.run(["telemetry", "on"]).stdout;
    let notice = notice.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(notice.contains("The address of the first network card"), "{notice}");
    learn(&person);
    person.drain();
    let told = after(&road.bytes(), "mlnet.machine.id", 64);
    let told: BTreeSet<_> = told.into_iter().filter(|hash| !hash.is_empty()).collect();
    let own: BTreeSet<_> = addresses().iter().map(|address| sha256(&forms(address)[1])).collect();
    assert!(told.len() == 1 && told.is_subset(&own), "{told:?}: one of {own:?}");
}

/// The configuration of the usual build drops what only this one says; that of this build keeps it, as a hash.
#[test]
#[cfg(feature = "mac-address")]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a03_the_collector_of_the_compatible_build_keeps_the_hash() {
    let kept = super::collector::kept(|person| learn(person));
    let machines: Vec<_> = kept.records.iter().filter(|record| record.name == "mlnet.machine").collect();
    let [machine] = machines[..] else { panic!("one: {:?}", kept.records) };
    let own: BTreeSet<_> = addresses().iter().map(|address| sha256(&forms(address)[1])).collect();
    assert!(own.contains(machine.attribute("mlnet.machine.id")), "{machine:?}: one of {own:?}");
    assert_eq!(kept.commands().len(), 1);
    for form in addresses().iter().flat_map(|address| forms(address)) {
        assert!(!kept.text.contains(&form), "{form}");
    }
}

/// More than the original: a yes to the usual build covers what the usual build sends, and nothing of the cards.
#[test]
#[cfg(feature = "mac-address")]
fn a03_a_yes_to_the_usual_build_does_not_cover_the_address() {
    let road = Road::open();
    let person = Person::new().takes(&road).says_yes();
    let yes = fs::read_to_string(person.answers()).unwrap();
    // What the usual build stores: its registry's text, without this build's second one.
    let (usual, more) = yes.split_once("\n\nattribute \"mlnet.machine.id\"").unwrap();
    let (_, end) = more.split_once("\n'''").unwrap();
    fs::write(person.answers(), format!("{usual}\n'''{end}")).unwrap();
    let status = person.run(["telemetry", "status"]);
    assert_eq!(status.code, 0, "{}", status.stdout);
    assert!(status.stdout.contains("yes, before the program collected more"), "{}", status.stdout);
    learn(&person);
    person.drain();
    let bytes = road.bytes();
    assert!(super::receiver::contains(&bytes, b"mlnet.command"), "what was agreed to is sent");
    assert!(!super::receiver::contains(&bytes, b"mlnet.machine"), "its signal and its attribute");
    for address in addresses() {
        for form in forms(&address) {
            assert!(!super::receiver::contains(&bytes, form.as_bytes()), "{form}");
            assert!(!super::receiver::contains(&bytes, &sha256(&form).as_bytes()[..16]), "the hash of {form}");
        }
    }
}
