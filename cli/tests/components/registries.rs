//! The registries that configurations are written for: the demo's, those of the tests, and invented ones.

use std::path::Path;
use std::thread;

use scruple::registry::Registry;
use scruple_cli::collector_config::{CollectorKind, Options, generate};
use scruple_cli::demo::usage;
use scruple_cli::registry::{self, Owned, Sources, joined};

use super::invented;

/// How many registries are invented.
pub const INVENTED: u64 = 200;

/// How many configurations one Collector runs.
pub const GROUP: usize = 10;

/// The demo's registry, those of the tests, and two of them joined.
pub fn written() -> Vec<&'static Registry<'static>> {
    let read = |folder: &str| {
        let mut owned = registry::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        // What arrives is compared with what was sent; what a receiver adds has tests of its own.
        owned.service.table.client_address = false;
        owned
    };
    let located = |owned: Owned| {
        let files = vec![("src/main.rs".to_owned(), 40), ("src/usage/a.rs".to_owned(), 3)];
        owned.with_sources(Sources { root: "/build/program".to_owned(), files, prefix: String::new() }).leak()
    };
    let [mlnet, mlflow] = ["../examples/mlnet/telemetry", "../examples/mlflow/telemetry"];
    let both = joined(vec![read(mlflow), read(mlnet)]).unwrap();
    let alone = [mlnet, mlflow, "tests/registries/awkward", "tests/registries/treatments"].map(read);
    let all = alone.into_iter().chain([both]).map(located);
    std::iter::once(usage::REGISTRY).chain(all).collect()
}

/// Those that are written, and those that are invented.
fn all() -> Vec<&'static Registry<'static>> {
    written().into_iter().chain((0..INVENTED).map(invented::registry)).collect()
}

/// Does something with each group of all of them, two at a time.
pub fn each_group(check: impl Fn(&[&'static Registry<'static>]) + Sync) {
    each(&all().chunks(GROUP).collect::<Vec<_>>(), |registries| check(registries));
}

/// Does something with each of these, two at a time.
pub fn each<T: Sync>(all: &[T], check: impl Fn(&T) + Sync) {
    let halves = all.split_at(all.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| halves.0.iter().for_each(&check));
        halves.1.iter().for_each(&check);
    });
}

/// The gateways of registries.
pub fn gateways(registries: &[&Registry<'_>]) -> Vec<String> {
    configurations(registries, CollectorKind::Gateway)
}

/// The configurations of this kind for registries, each as `scruple collector-config` writes it.
pub fn configurations(registries: &[&Registry<'_>], kind: CollectorKind) -> Vec<String> {
    registries.iter().map(|registry| generate(registry, &[], &Options::of(kind))).collect()
}

/// The registry, and whether its receiver may keep a part of the address.
pub fn lets<'r>(registry: &Registry<'r>, client_address: bool) -> Registry<'r> {
    let mut service = registry.service;
    service.client_address = client_address;
    registry.service(service)
}
