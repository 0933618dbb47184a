//! Several registries of one program: kept apart, and one of them its own.

use scruple::registry::snapshot::{ChangeKind, Direction, Snapshot, changes, is_wider, text};

use super::tables::WORDS as TABLES;
use super::{WORDS, edited, lines};

#[test]
fn joined_registries_are_joined_texts() {
    let service = TABLES.service.app_id("com.example.library");
    let library = TABLES.service(service);
    let library_text = edited(WORDS, "service app_id \"com.example.words\"", "service app_id \"com.example.library\"");
    assert_eq!(text(&[&TABLES, &library]), format!("{WORDS}\n{library_text}"));
    for registries in [&[&TABLES, &library][..], &[&library, &TABLES], &[&library]] {
        assert_eq!(Snapshot::parse(&text(registries)), Ok(Snapshot::of(registries)));
    }
    assert_eq!(text(&[]), "");
}

#[test]
fn registries_are_kept_apart_by_their_app_ids() {
    let named = |app_id: &str| WORDS.replace("com.example.words", app_id);
    let [words, library, other] = ["com.example.words", "com.example.library", "com.example.other"].map(named);
    let join = |texts: &[&str]| texts.join("\n");
    let check = |old: &[&str], new: &[&str], expected: &[&str]| assert_eq!(lines(&join(old), &join(new)), expected);
    check(&[&words], &[&words, &library], &["wider: com.example.library now reports too"]);
    check(&[&words, &library], &[&words], &["narrower: com.example.library no longer reports"]);
    // Behind the program's own, their order says nothing.
    check(&[&words, &library, &other], &[&words, &other, &library], &[]);
    // The program's own receives for all of them.
    let program = "wider: com.example.library is now the program's own registry, before it was com.example.words";
    check(&[&words, &library], &[&library, &words], &[program]);
    check(&[&words, &library], &[&library], &[program, "narrower: com.example.words no longer reports"]);
    let renamed =
        [program, "wider: com.example.library now reports too", "narrower: com.example.words no longer reports"];
    check(&[&words], &[&library], &renamed);
    let narrow = edited(&library, "resource \"session.id\"", "");
    let change = "wider: every record of com.example.library now also carries session.id";
    check(&[&words, &narrow], &[&words, &library], &[change]);
}

#[test]
fn an_empty_snapshot_is_narrower_than_any_registry() {
    let (nothing, words) = (Snapshot::of(&[]), Snapshot::of(&[&TABLES]));
    assert!(is_wider(&nothing, &words));
    assert!(!is_wider(&words, &nothing));
    let what = |old, new| changes(old, new).iter().map(|change| (change.direction, change.what)).collect::<Vec<_>>();
    assert_eq!(what(&nothing, &words), [(Direction::Wider, ChangeKind::Registry)]);
    assert_eq!(what(&words, &nothing), [(Direction::Narrower, ChangeKind::Registry)]);
    assert_eq!(what(&nothing, &nothing), []);
}

#[test]
fn a_repeated_app_id_hides_no_change() {
    // A text like that is refused.
    let narrow = TABLES.events(&[]);
    for (old, new) in [(&[&TABLES, &narrow], &[&TABLES, &TABLES]), (&[&narrow, &TABLES], &[&TABLES, &TABLES])] {
        assert!(is_wider(&Snapshot::of(old), &Snapshot::of(new)));
        assert!(Snapshot::parse(&text(new)).is_err());
    }
    assert!(is_wider(&Snapshot::of(&[&TABLES]), &Snapshot::of(&[&TABLES, &TABLES])));
}
