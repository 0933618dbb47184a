#[path = "program/awkward.rs"]
mod awkward;
#[path = "program/src/usage.rs"]
mod usage;
#[test]
fn x() {
    println!("{}", usage::REGISTRY.text);
    println!("{}", awkward::REGISTRY.text.len());
}
