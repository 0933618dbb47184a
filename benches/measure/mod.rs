//! Times things beside each other, each in a process of its own, as programs have them: one subscriber, set for good.
//! The processes take turns, so that what disturbs one disturbs all. The CPU time counts, of all threads together: other
//! processes on the machine do not change it.

pub mod program;

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

/// One thing to measure.
pub struct Case {
    /// What it is, in the table.
    pub name: &'static str,
    /// What is done once, before.
    pub setup: fn(),
    /// What is timed.
    pub work: fn(),
}

/// Things to compare: the first is what the others' ratios are to.
pub struct Group {
    /// The table's title.
    pub title: &'static str,
    /// The number of threads that do the work at the same time.
    pub threads: usize,
    /// Its rows.
    pub cases: &'static [Case],
}

/// How often each case has a process, how often that measures, and how often each thread does the work each time.
const PROCESSES: usize = 15;
const ROUNDS: usize = 21;
const TIMES: u32 = 5_000;

/// Runs all groups and prints a table for each: nanoseconds of CPU time for one piece of work (median), ratio,
/// allocations. Words on the command line choose the cases that have them in their title or name.
pub fn main(groups: &[Group]) {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, group, case] = &arguments[..]
        && flag == "--one"
    {
        let index = |text: &str| text.parse::<usize>().expect("an index");
        let group = &groups[index(group)];
        return one(&group.cases[index(case)], group.threads);
    }
    for (group, Group { title, cases, .. }) in groups.iter().enumerate() {
        let chosen = |case: &Case| arguments.iter().all(|word| title.contains(word) || case.name.contains(word));
        let chosen: Vec<_> = (0..cases.len()).filter(|&case| chosen(&cases[case])).collect();
        let mut measured = vec![Vec::with_capacity(PROCESSES); cases.len()];
        for _ in 0..PROCESSES {
            chosen.iter().for_each(|&case| measured[case].push(in_a_process(group, case)));
        }
        if !chosen.is_empty() {
            println!("\n{title:<58} {:>10} {:>8} {:>8}", "ns", "ratio", "allocs");
        }
        let mut first = None;
        for case in chosen {
            measured[case].sort_by(|one, other| one.0.total_cmp(&other.0));
            let (median, allocations) = measured[case][PROCESSES / 2];
            let ratio = median / *first.get_or_insert(median);
            println!("{:<58} {median:>10.1} {ratio:>8.2} {allocations:>8.1}", cases[case].name);
        }
    }
}

fn in_a_process(group: usize, case: usize) -> (f64, f64) {
    let mut command = Command::new(std::env::current_exe().expect("a bench has a path"));
    let output = command.args(["--one", &group.to_string(), &case.to_string()]).output().expect("it runs again");
    let text = String::from_utf8(output.stdout).expect("two numbers");
    let mut numbers = text.split_whitespace().map(|number| number.parse().expect("a number"));
    (numbers.next().expect("nanoseconds"), numbers.next().expect("allocations"))
}

fn one(case: &Case, threads: usize) {
    (case.setup)();
    let work = black_box(case.work);
    let run = || (0..TIMES).for_each(|_| work());
    let all = || match threads {
        1 => run(),
        _ => std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(run)))),
    };
    all();
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let each = f64::from(TIMES) * threads as f64;
    let mut times: Vec<_> = (0..(ROUNDS / threads).max(3))
        .map(|_| {
            let start = cpu_time();
            all();
            (cpu_time() - start).as_secs_f64() * 1e9 / each
        })
        .collect();
    times.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let allocations = allocation_counter::measure(run).count_total as f64 / f64::from(TIMES);
    println!("{} {allocations}", times[times.len() / 2]);
}

/// The CPU time of this process so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.try_into().expect("a time since the start")
}
