//! A1, A2, A4, A8, A9, A10: what is told of a run, as a real Collector keeps it.

use super::collector::{kept, kept_of};
use super::person::{Person, own};
use scruple_fixtures::OS_TYPE;
use scruple_fixtures::process::system_version;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

fn iris() -> PathBuf {
    own("data/iris.csv")
}

/// Runs each of these, on the data sets of the example.
fn run_all(person: &Person, lines: &[&str]) {
    for line in lines {
        let place = |word: &str| match word {
            "IRIS" => iris().display().to_string(),
            "RATINGS" => own("data/ratings.csv").display().to_string(),
            word => word.to_owned(),
        };
        let ran = person.run(line.split(' ').map(place));
        assert!(!ran.stderr.contains("panicked"), "{line}: {}", ran.stderr);
    }
}

/// One run of each command.
const EACH_COMMAND: [&str; 5] = [
    "classification --dataset IRIS --label-col species --train-time 0",
    "regression --dataset IRIS --label-col petal_width --train-time 0",
    "recommendation --dataset RATINGS --user-col person --item-col film --rating-col stars --train-time 0",
    "train --task regression --dataset IRIS --label-col sepal_length --train-time 0 --name again",
    "predict --model again.json --dataset IRIS",
];

/// More than the original: what is not one of the program's commands is not even recorded, since clap refuses it.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a01_each_command_is_recorded_by_its_name() {
    let kept = kept(|person| {
        run_all(person, &EACH_COMMAND);
        assert_eq!(person.run(["classify"]).code, 2);
    });
    let told: BTreeSet<_> = kept.commands().iter().map(|it| it.attribute("mlnet.command.name").to_owned()).collect();
    let wanted = EACH_COMMAND.map(|line| line.split(' ').next().unwrap().to_owned());
    assert_eq!((kept.commands().len(), told), (wanted.len(), BTreeSet::from(wanted)));
}

/// More than the original: a test in `src/main.rs` fails when an argument is added that nobody declared.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a02_the_names_of_arguments_are_recorded_and_never_a_value() {
    let kept = kept(|person| {
        let dataset = format!("--dataset={}", iris().display());
        let arguments = ["regression", "-v", "quiet", &dataset, "--label-col", "sepal_width", "--train-time", "0"];
        assert_eq!(person.run(arguments).code, 0);
    });
    let [command] = kept.commands()[..] else { panic!("one") };
    // By their long names, sorted, also where the short one was given.
    assert_eq!(command.attribute("mlnet.argument.names"), "--dataset --label-col --train-time --verbosity");
    for value in ["quiet", "iris", "sepal_width"] {
        assert!(!kept.text.contains(value), "{value}: {}", kept.text);
    }
}

/// More than the original: no finer than a second, and with the duration and whether it went well.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a04_the_time_of_a_run_is_recorded_to_the_second() {
    let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = second();
    let kept = kept(|person| {
        run_all(person, &[EACH_COMMAND[0], "regression --dataset IRIS --label-col species"]);
    });
    let commands = kept.commands();
    assert_eq!(commands.len(), 2);
    for command in &commands {
        assert_eq!(command.time % 1_000_000_000, 0);
        assert!((before..=second()).contains(&(command.time / 1_000_000_000)));
    }
    let statuses: BTreeSet<_> = commands.iter().map(|it| (it.attribute("mlnet.task"), it.status)).collect();
    assert_eq!(statuses, BTreeSet::from([("classification", 1), ("regression", 2)]), "the species is no number");
}

/// More than the original: no more of the version than two numbers, whatever the kernel is called.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a08_the_system_is_recorded_by_its_name_and_two_numbers() {
    let kept = kept(|person| run_all(person, &EACH_COMMAND[..1]));
    let resource = &kept.commands()[0].resource;
    let (release, numbers) = system_version();
    assert_eq!((resource["os.type"].as_str(), &resource["os.version"]), (OS_TYPE, &numbers));
    assert!(!kept.text.contains(&release));
}

/// More than the original: text of a person's that is no task is told as `other`.
#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a09_the_task_is_one_of_a_closed_list() {
    let kept = kept(|person| {
        for task in ["classification", "regression", "recommendation", "mine", "Regression", "regression "] {
            let ran = person.run(["train", "--task", task, "--dataset", "no.csv"]);
            assert_eq!(ran.code, 2, "{}", ran.stderr);
        }
    });
    let mut told: Vec<_> = kept.commands().iter().map(|it| it.attribute("mlnet.task").to_owned()).collect();
    told.sort();
    assert_eq!(told, ["classification", "other", "other", "other", "recommendation", "regression"]);
    assert!(!kept.text.contains("mine"));
}

#[test]
#[ignore = "needs the Collector: collector-config/build collector"]
fn a10_the_version_of_the_tool_has_four_numbers() {
    let kept = kept_of(vec![Person::new()], |people| {
        run_all(&people[0], &EACH_COMMAND[..1]);
        assert_eq!(people[0].run(["--version"]).stdout, "mlnet 16.18.2.1\n");
    });
    let resource = &kept.commands()[0].resource;
    assert_eq!((resource["service.name"].as_str(), resource["service.version"].as_str()), ("mlnet", "16.18.2.1"));
}
