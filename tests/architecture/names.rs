//! A type's name means one thing in a crate.

use crate::graph::{Graph, graphs};
use crate::tree::{Package, is_generated, workspace};
use std::collections::{BTreeMap, BTreeSet};

/// The names that two modules of a crate define, with the files. A module that is written once more for another platform or
/// without a feature defines its types in both files, and they are the same ones: only one of the files is compiled.
fn check(package: &Package) -> Vec<String> {
    let twice = |Graph { types, .. }: Graph| {
        let mut places: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (name, module, file) in types {
            if !is_generated(&package.files[&file]) {
                places.entry(name).or_default().entry(module).or_default().insert(file);
            }
        }
        places.retain(|_, modules| modules.len() > 1);
        let text = |(name, modules): (String, BTreeMap<String, BTreeSet<String>>)| {
            let files: Vec<_> = modules.into_values().flatten().collect();
            format!("{name} is more than one type: {}", files.join(", "))
        };
        places.into_iter().map(text).collect::<Vec<_>>()
    };
    graphs(package).into_iter().flat_map(twice).collect()
}

#[test]
fn a_name_is_one_type() {
    let wrong: Vec<_> = workspace().iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
