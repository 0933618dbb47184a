//! Times things beside each other: rounds take turns, so that what disturbs one disturbs all.

use std::hint::black_box;
use std::time::Instant;

/// One thing to measure.
pub struct Case<'a> {
    name: &'static str,
    run: Box<dyn FnMut(u32) + 'a>,
}

/// A case that does its work as often as it is told.
pub fn case<'a, T>(name: &'static str, mut work: impl FnMut() -> T + 'a) -> Case<'a> {
    let run = move |times: u32| {
        for _ in 0..times {
            black_box(work());
        }
    };
    Case { name, run: Box::new(run) }
}

/// Prints the median time of each case over 61 rounds, its allocations, and its ratio to the first. Words on the
/// command line choose the cases whose names have them all.
pub fn side_by_side(title: &str, mut cases: Vec<Case<'_>>) {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    cases.retain(|case| words.iter().all(|word| case.name.contains(word) || title.contains(word)));
    if cases.is_empty() {
        return;
    }
    const ROUNDS: usize = 61;
    const TIMES: u32 = 2_000;
    let mut times = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for (case, times) in cases.iter_mut().zip(&mut times) {
            let start = Instant::now();
            (case.run)(TIMES);
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES));
        }
    }
    println!("\n{title}");
    println!("{:<58} {:>10} {:>8} {:>8}", "", "ns", "ratio", "allocs");
    let mut first = None;
    for (case, times) in cases.iter_mut().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let median = times[ROUNDS / 2];
        let allocations = allocation_counter::measure(|| (case.run)(TIMES)).count_total;
        let ratio = median / *first.get_or_insert(median);
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let each = allocations as f64 / f64::from(TIMES);
        println!("{:<58} {median:>10.1} {ratio:>8.2} {each:>8.1}", case.name);
    }
}
