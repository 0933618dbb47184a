//! The report on disk: what is written is read back, and an end that is not known is no success.

use super::{FILE, UploadEnd, UploadReport};
use crate::files::Folder;
use crate::privacy::DropReason;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn each_end_has_a_code_of_its_own() {
    let codes: BTreeSet<_> = UploadEnd::ALL.map(UploadEnd::code).into();
    assert_eq!(codes.len(), UploadEnd::ALL.len());
    UploadEnd::ALL.into_iter().for_each(|end| assert_eq!(UploadEnd::parse(end.code()), end));
    assert_eq!(UploadEnd::parse("of_a_later_version"), UploadEnd::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_content_is_read_back(
        end in prop::sample::select(UploadEnd::ALL.to_vec()),
        status in prop::option::of(any::<u16>()),
        counts: [u64; 4],
        withheld: [u64; DropReason::ALL.len()],
    ) {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        Folder::make(&state).unwrap();
        let [at, sent, rejected, foreign] = counts;
        let withheld = DropReason::ALL.into_iter().zip(withheld).filter(|(_, number)| *number > 0).collect();
        let report = UploadReport { at, end, status, sent, rejected, withheld, foreign };
        report.write(&state, &|| true).unwrap();
        prop_assert_eq!(UploadReport::read(&state), Some(report.clone()));
        UploadReport { at: 0, ..report.clone() }.write(&state, &|| false).unwrap();
        prop_assert_eq!(UploadReport::read(&state), Some(report), "after a no nothing is written");
        let text = std::fs::read_to_string(state.join(FILE)).unwrap();
        prop_assert!(text.len() < 200 + 52 * DropReason::ALL.len() && text.lines().all(|line| line.split(' ').count() == 2), "{}", text);
    }

    #[test]
    fn a_malformed_report_is_no_report(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        Folder::make(&state).unwrap().lock().unwrap().write(FILE, |_| bytes).unwrap();
        prop_assert_eq!(UploadReport::read(&state), None);
    }
}
