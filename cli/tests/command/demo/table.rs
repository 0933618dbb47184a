//! The printed table without a terminal: 80 columns, equal in every run.

use std::path::Path;

use super::{demo, end};

/// Runs the demo, and compares its output with a golden file, which `UPDATE_GOLDEN=1` rewrites.
fn check(arguments: &[&str], golden: &str) {
    let run = end(&mut demo(arguments));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let found: String = run.out.lines().filter_map(steady).map(|line| line + "\n").collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/demo").join(golden);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} differs from the output; UPDATE_GOLDEN=1 rewrites it:\n{found}", path.display());
}

/// A line without its parts that differ by machine or by run; `None` for a line that only some machines have.
fn steady(line: &str) -> Option<String> {
    let own = ["  user.name=", "  user.home=", "  host.name="];
    if own.iter().any(|field| line.starts_with(field)) && !line.contains("jane") {
        let name = line.split('=').next().unwrap_or_default();
        let rest: String = line.chars().skip(34).collect();
        return Some(format!("{:<34}{rest}", format!("{name}=(this machine's)")));
    }
    let varies =
        ["  demo.dataset.name=", "  session.id ", "  os.", "  host.arch ", "  process.runtime", "  service.version"];
    if varies.iter().any(|field| line.starts_with(field)) {
        let recorded: String = line.chars().take(34).collect();
        return Some(format!("{recorded}(varies)"));
    }
    if let Some((before, _)) = line.split_once("src/demo/program.rs:") {
        return Some(format!("{before}src/demo/program.rs:(varies)"));
    }
    if let Some((_, after)) = line.split_once("planted   ").and_then(|(_, rest)| rest.split_once(' ')) {
        return Some(format!("planted   (varies) {after}"));
    }
    (!line.contains("too short to search for")).then(|| line.to_owned())
}

#[test]
fn the_table_matches_its_golden_file() {
    check(&[], "layer.txt");
    check(&["--door", "sdk", "--protocol", "grpc"], "sdk.txt");
}

#[test]
fn the_readmes_rows_are_the_demos() {
    let readme = include_str!("../../../../README.md");
    let (_, rows) = readme.split_once("```text\nrecorded ").unwrap();
    let (rows, _) = rows.split_once("\n```").unwrap();
    let printed: Vec<_> = include_str!("layer.txt").lines().collect();
    assert_eq!(rows.lines().count(), 7);
    for row in rows.lines().skip(1).filter_map(steady) {
        assert!(printed.contains(&row.as_str()), "{row}");
    }
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..10).map(|row| format!("{row},{}\n", row % 2)).collect();
    let path = folder
        .path()
        .join("ファイル名がとても長いデータセットです、本当に長いのです、八十桁を超えるほどに\u{202e}.csv");
    std::fs::write(&path, format!("a,kind\n{rows}")).unwrap();
    let path = path.display().to_string();
    for arguments in [
        &[][..],
        &["--dataset", &path],
        &["--door", "sdk", "--protocol", "grpc"],
        &[
            "--to",
            "http://127.0.0.1:9/a-path-that-is-so-long-that-it-does-not-fit-on-a-line-of-eighty-columns-at-all-does-it",
        ],
    ] {
        let run = end(&mut demo(arguments));
        assert!(run.out.contains("withheld, and why"), "{}", run.err);
        for line in run.out.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
            assert!(!line.contains('\u{1b}') && !line.contains('\u{202e}') && !line.ends_with(' '), "{line:?}");
        }
    }
}
