//! Invocations as a person might make them, good and bad, with something private in everything that they hold.

use super::person::Person;
use super::planted::NUMBER;
use scruple_fixtures::process::no_text;
use std::ffi::OsString;
use std::fs;

/// A generator whose run can be repeated (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    fn is_one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    /// A word that nobody may see, of the kind that its place takes.
    fn canary(&mut self, kind: &str) -> String {
        format!("{}-{kind}-{}", self.pick(&["canary", "Canary", "CANARY", "x-canary"]), self.below(1_000))
    }
}

/// One invocation.
pub struct Invocation {
    pub arguments: Vec<OsString>,
    pub variables: Vec<(String, String)>,
    /// Nothing can be printed.
    pub is_full: bool,
}

impl Invocation {
    /// The next one, with the files that it names, in the person's folder.
    pub fn next(dice: &mut Dice, person: &Person) -> Self {
        let mut arguments = match dice.below(15) {
            0..=2 => labelled(dice, person, &["classification"]),
            3..=4 => labelled(dice, person, &["regression"]),
            5..=6 => rated(dice, person, &["recommendation"]),
            7 => {
                let task = dice.canary("task");
                labelled(dice, person, &["train", "--task", &task])
            }
            8 => labelled(dice, person, &["train", "--task", "classification"]),
            9 => rated(dice, person, &["train", "--task", "recommendation"]),
            _ => predict(dice, person),
        };
        let is_full = dice.is_one_in(if arguments[0] == "predict" { 2 } else { 6 });
        if dice.is_one_in(25) {
            let wrong = dice.canary("wrong");
            let at = dice.below(arguments.len() as u64 + 1) as usize;
            arguments.insert(at, dice.pick(&["", "--", "--task=", "-"]).to_owned() + &wrong);
        }
        let mut arguments: Vec<OsString> = arguments.into_iter().map(OsString::from).collect();
        if dice.is_one_in(50) {
            let mut name = OsString::from("--name=canary");
            name.push(no_text());
            arguments.push(name);
        }
        Self { arguments, variables: variables(dice), is_full }
    }
}

/// The columns of a data set with classes: the same in all, so that a model can be used on another.
const COLUMNS: [&str; 3] = ["canary-width", "canary-height", "canary-kind"];

fn flowers(dice: &mut Dice, person: &Person) -> String {
    let rows = 9 + dice.below(20);
    let rows = (0..rows).map(|row| {
        let kind = format!("canary-class-{}", row % 3);
        vec![NUMBER.to_string(), (row * 3 % 7).to_string(), kind]
    });
    dataset(dice, person, &COLUMNS, rows.collect())
}

fn labelled(dice: &mut Dice, person: &Person, begin: &[&str]) -> Vec<String> {
    let dataset = flowers(dice, person);
    let wanted = match dice.below(9) {
        0 => dice.canary("column"),
        1 => COLUMNS[2].to_owned(),
        _ if begin == ["regression"] => COLUMNS[1].to_owned(),
        _ => COLUMNS[2].to_owned(),
    };
    let mut arguments: Vec<String> = begin.iter().map(|word| (*word).to_owned()).collect();
    arguments.extend([format!("--label-col={wanted}"), "--dataset".to_owned(), dataset]);
    if dice.is_one_in(3) {
        arguments.push(format!("--ignore-cols={}", COLUMNS[0]));
    }
    training(dice, &mut arguments);
    arguments
}

fn rated(dice: &mut Dice, person: &Person, begin: &[&str]) -> Vec<String> {
    let columns = ["canary-who", "canary-what", "canary-how"];
    let rows =
        (0..40).map(|row| vec![format!("canary-p{}", row % 5), format!("canary-i{}", row % 7), format!("{}", row % 5)]);
    let dataset = dataset(dice, person, &columns, rows.collect());
    let mut arguments: Vec<String> = begin.iter().map(|word| (*word).to_owned()).collect();
    for (name, column) in ["--user-col", "--item-col", "--rating-col"].iter().zip(&columns) {
        if !dice.is_one_in(20) {
            arguments.extend([(*name).to_owned(), (*column).to_owned()]);
        }
    }
    arguments.extend(["-d".to_owned(), dataset]);
    training(dice, &mut arguments);
    arguments
}

fn training(dice: &mut Dice, arguments: &mut Vec<String>) {
    arguments.extend(["--train-time".to_owned(), "0".to_owned()]);
    if dice.is_one_in(2) {
        let name = dice.canary("name");
        arguments.extend(["--name".to_owned(), if dice.is_one_in(6) { format!("../{name}") } else { name }]);
    }
    if dice.is_one_in(4) {
        arguments.push(format!("--output={}", if dice.is_one_in(2) { "." } else { "canary-folder" }));
    }
    if dice.is_one_in(4) {
        arguments.extend(["-v".to_owned(), dice.pick(&["quiet", "diagnostic", "canary-verbosity"]).to_owned()]);
    }
}

/// With a model that an earlier invocation saved, perhaps.
fn predict(dice: &mut Dice, person: &Person) -> Vec<String> {
    let models = fs::read_dir(person.work()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut models: Vec<_> = models.filter(|name| name.ends_with(".json")).collect();
    models.sort();
    let model = match models.len() as u64 {
        0 => dice.canary("model"),
        many => models[dice.below(many) as usize].clone(),
    };
    let dataset = flowers(dice, person);
    vec!["predict".to_owned(), "--model".to_owned(), model, "--dataset".to_owned(), dataset]
}

/// Writes a data set, one in six of them with a mistake, and gives its path.
fn dataset(dice: &mut Dice, person: &Person, columns: &[&str], mut rows: Vec<Vec<String>>) -> String {
    let path = person.work().join(format!("{}.csv", dice.canary("file")));
    let at = dice.below(rows.len() as u64) as usize;
    match dice.below(20) {
        0 => rows[at].push(dice.canary("cell")),
        1 => rows[at][1] = String::new(),
        2 => rows[at][0] = dice.canary("cell"),
        _ => {}
    }
    let lines = rows.iter().map(|row| row.join(",") + "\n");
    fs::write(&path, columns.join(",") + "\n" + &lines.collect::<String>()).unwrap();
    match dice.below(12) {
        0 => path.display().to_string() + "-canary-missing",
        1 => path.file_name().unwrap().to_str().unwrap().to_owned(),
        _ => path.display().to_string(),
    }
}

/// Everybody's variables, and some that other tools read.
fn variables(dice: &mut Dice) -> Vec<(String, String)> {
    let names = [
        "USER",
        "LOGNAME",
        "HOSTNAME",
        "OTEL_SERVICE_NAME",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "TRACEPARENT",
        "TRACESTATE",
        "AWS_SECRET_ACCESS_KEY",
        "MLNET_USER",
        "LANG",
    ];
    let mut set = vec![("RUST_LOG".to_owned(), dice.pick(&["debug", "info", "trace"]).to_owned())];
    for name in names {
        if dice.is_one_in(3) {
            set.push((name.to_owned(), format!("user.name={}", dice.canary("variable"))));
        }
    }
    set
}
