//! Each relative link in a Markdown file of the repository leads to a file.

use std::fs;
use std::path::Path;

/// The links of a Markdown text that lead to a file, without their fragments.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}

/// The Markdown files below this folder, as `git` has them.
fn papers(root: &Path) -> Vec<String> {
    let mut folders = vec![String::new()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if root.join(&path).is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn each_relative_link_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let papers = papers(root);
    assert!(papers.len() > 15, "{papers:?}");
    for paper in papers {
        let text = fs::read_to_string(root.join(&paper)).unwrap();
        for link in links(&text) {
            let target = root.join(&paper).parent().unwrap().join(link);
            assert!(target.exists(), "{paper}: {link}");
        }
    }
}
