//! The page that `scruple docs` writes: as it was, whatever the registry's texts look like, and held current.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::markup::{Built, HOSTILE, markdown};
use proptest::prelude::*;
use scruple::registry::Treatment;
use scruple_cli::codegen;
use scruple_cli::docs::{Format, render};
use scruple_cli::program::Program;
use scruple_cli::registry::{self, Owned};

fn registry(folder: &str) -> Owned {
    registry::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
}

/// The quickstart's, with a text wherever a person writes one.
fn saying(text: &str) -> Owned {
    let mut owned = registry("../examples/quickstart/telemetry");
    let text: &'static str = text.to_owned().leak();
    let said = Some(text);
    owned.description = said;
    let service = &mut owned.service;
    (service.table.name, service.table.controller, service.table.because) = (text, text, said);
    service.retention = said;
    for attribute in &mut owned.attributes {
        (attribute.table.brief, attribute.table.because) = (text, said);
        (attribute.prose.note, attribute.prose.example) = (said, Some(text.to_owned()));
        attribute.members.iter_mut().for_each(|member| member.brief = said);
        if let Treatment::Enum { members, .. } | Treatment::Bucket { members, .. } | Treatment::Names { members } =
            &mut attribute.table.treatment
        {
            *members = vec![text; members.len()].leak();
        }
    }
    for signal in owned.spans.iter_mut().chain(&mut owned.events) {
        (signal.table.brief, signal.table.because, signal.note) = (text, said, said);
        signal.briefs.fill(said);
    }
    owned
}

/// Reads HTML of the kind that is written here: every `<` begins a tag, and there are four entities.
fn html(page: &str) -> Built {
    let mut built = Built { tags: Vec::new(), text: String::new() };
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        // The names of columns and the page's own addresses are not of the text.
        built.tags.push(tag.to_owned());
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        built.text.push_str(&text);
    }
    built
}

#[track_caller]
fn check_text(text: &str) {
    // A harmless text of the same length in words shows how the page is built.
    let (hostile, harmless) = (saying(text), saying("harmless"));
    for format in [Format::Markdown, Format::Html] {
        let read = if format == Format::Markdown { markdown } else { html };
        let page = |owned: &Owned| read(&render(owned, &Program::default(), format));
        let (is, wanted) = (page(&hostile), page(&harmless));
        assert_eq!(is.text, wanted.text.replace("harmless", text), "{format:?}");
        assert_eq!(is.tags, wanted.tags, "{format:?}: {text}");
    }
}

#[test]
fn any_text_is_rendered_as_text() {
    HOSTILE.iter().for_each(|text| check_text(text));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_is_markup(text in "[ -~]{1,24}", joint in prop::sample::subsequence(HOSTILE.to_vec(), 0..3)) {
        let text = format!("{text} {}", joint.concat());
        // As a registry has it: without blanks at the ends and runs of them.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assume!(!text.is_empty());
        check_text(&text);
    }
}

/// The pages that are kept, by where, each with the settings of its registry, and with what its program alone says.
fn pages() -> Vec<(&'static str, Owned, Program)> {
    let command = |words: &str| Program { command: Some(words.to_owned()), ..Program::default() };
    let pages = [
        ("tests/pages/demo", "telemetry", command("scruple telemetry")),
        ("../examples/quickstart/TELEMETRY", "../examples/quickstart/telemetry", Program::default()),
        ("../examples/mlnet/TELEMETRY", "../examples/mlnet/telemetry", Program::default()),
        ("../examples/mlflow/TELEMETRY", "../examples/mlflow/telemetry", command("mlflow-example telemetry")),
    ];
    let of = |(name, folder, program): (_, _, Program)| {
        let owned = registry(folder);
        let program = program.with(&owned.service.table.settings);
        (name, owned, program)
    };
    pages.into_iter().map(of).collect()
}

#[test]
fn the_pages_match_their_golden_files() {
    for (name, owned, program) in pages() {
        for (ending, format) in [("md", Format::Markdown), ("html", Format::Html)] {
            let is = render(&owned, &program, format);
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.{ending}"));
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &is).unwrap();
            }
            let wanted = fs::read_to_string(&path).unwrap_or_default();
            assert!(is == wanted, "{name}.{ending} is not as it was: UPDATE_GOLDEN=1 rewrites it");
        }
    }
}

#[test]
fn a_page_loads_nothing_and_leads_to_itself_and_to_the_declared_link_only() {
    for (name, owned, program) in pages() {
        let page = render(&owned, &program, Format::Html);
        for word in ["<script", "<link", "<img", "<iframe", " src=", "url(", "@import", "http-equiv=\"refresh\""] {
            assert!(!page.contains(word), "{name}: {word}");
        }
        assert!(page.contains("name=\"viewport\" content=\"width=device-width"));
        let values = |attribute: &str| -> Vec<String> {
            let start = format!(" {attribute}=\"");
            let rest = page.split(&start).skip(1);
            rest.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let ids = values("id");
        let unique: BTreeSet<_> = ids.iter().cloned().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id twice");
        for href in values("href") {
            let inside = href.strip_prefix('#').is_some_and(|anchor| unique.contains(anchor));
            assert!(inside || owned.service.table.link == Some(href.as_str()), "{name}: {href}");
        }
        let declared = owned.attributes.iter().map(|attribute| format!("attribute-{}", attribute.table.key));
        let spans = owned.spans.iter().map(|signal| format!("span-{}", signal.table.name));
        let events = owned.events.iter().map(|signal| format!("event-{}", signal.table.name));
        for anchor in declared.chain(spans).chain(events) {
            assert!(unique.contains(&anchor), "{name}: {anchor}");
        }
    }
}

#[test]
fn the_retention_is_on_the_page_and_changes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart/telemetry");
    fs::copy(from.join("manifest.yaml"), folder.path().join("manifest.yaml")).unwrap();
    let text = fs::read_to_string(from.join("usage.yaml")).unwrap();
    let silent = text.replace("        retention: 90 days\n", "");
    assert_ne!(text, silent);
    fs::write(folder.path().join("usage.yaml"), silent).unwrap();
    let (with, without) = (registry("../examples/quickstart/telemetry"), registry::read(folder.path()).unwrap());
    assert_eq!((with.registry(), with.text()), (without.registry(), without.text()));
    assert_eq!(
        codegen::generate(&with, "telemetry", codegen::Tables::Scruple),
        codegen::generate(&without, "telemetry", codegen::Tables::Scruple)
    );
    let page = |owned: &Owned| render(owned, &Program::default(), Format::Markdown);
    assert!(page(&with).contains("- **Retention there**: 90 days, then deleted.\n"));
    assert!(page(&without).contains("- **Retention there**: Not declared;"));
}

fn scruple(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scruple")).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn a_stale_page_exits_with_1_and_shows_the_command_that_updates_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart/telemetry");
    let common = ["docs", dir.to_str().unwrap(), "--command", "words telemetry", "--preset", "first-run"];
    let check = |last: [&str; 2], code: i32| {
        let output = scruple(&[&common[..], &last[..]].concat(), folder.path());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    };
    for file in ["TELEMETRY.md", "telemetry.html"] {
        let said = check(["--check", file], 1);
        let help = format!(
            "help: run `scruple docs {} --command \"words telemetry\" --preset first-run --out {file}`",
            dir.display()
        );
        assert!(said.contains("can't be read") && said.contains(&help), "{said}");
        check(["--out", file], 0);
        assert!(check(["--check", file], 0).contains("is current"));
        let old = fs::read_to_string(folder.path().join(file)).unwrap();
        fs::write(folder.path().join(file), old.replace("Whether words", "Whether letters")).unwrap();
        let said = check(["--check", file], 1);
        assert!(said.contains(": not current\n  is: ") && said.contains(&help), "{said}");
    }
    let html = fs::read_to_string(folder.path().join("telemetry.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>"), "the name's end says the format");
    let printed = scruple(&["docs", dir.to_str().unwrap(), "--format", "html"], folder.path());
    assert!(printed.stdout.starts_with(b"<!DOCTYPE html>"));
}

/// A step may be folded: then it goes on in deeper lines.
fn steps(guide: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for line in guide.lines().skip_while(|line| *line != "```yml").take_while(|line| *line != "```") {
        match line.trim().strip_prefix("- run: ") {
            Some(command) => steps.push(command.trim_start_matches(">-").to_owned()),
            None if line.starts_with("          ") && !steps.is_empty() => {
                steps.iter_mut().next_back().unwrap().push_str(&format!(" {}", line.trim()));
            }
            None => {}
        }
    }
    steps.retain(|step| ["codegen", "docs"].iter().any(|word| step.trim().starts_with(&format!("scruple {word}"))));
    steps
}

#[test]
#[cfg_attr(windows, ignore = "needs the shell of a runner: sh, and the paths of Unix")]
fn the_guides_pull_request_works_for_the_quickstart() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let steps = steps(&fs::read_to_string(here.join("../docs/command-line.md")).unwrap());
    assert_eq!(steps.len(), 2, "{steps:?}");
    for step in steps {
        // As the shell of a runner takes it.
        let folder = Path::new(env!("CARGO_BIN_EXE_scruple")).parent().unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let mut shell = Command::new("sh");
        shell.args(["-ec", &step]).current_dir(here.join("../examples/quickstart")).env("PATH", path);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
