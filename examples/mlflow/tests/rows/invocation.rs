//! Invocations of the program, generated from a number: every text and number in one is a marker.

use std::fmt::Write as _;
use std::path::Path;

/// One invocation.
#[derive(Default)]
pub struct Invocation {
    pub arguments: Vec<String>,
    /// Variables of its environment.
    pub variables: Vec<(String, String)>,
    /// Files in its working folder.
    pub files: Vec<(String, String)>,
    /// What it would be a leak to send.
    pub markers: Vec<String>,
    /// Those of them that the tracking server has to see, if it is asked at all.
    pub told: Vec<String>,
    random: Random,
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators": good enough to be unlike.
#[derive(Default)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

const COMMANDS: u64 = 11;

impl Invocation {
    /// The one of this number, with this tracking URI unless it has one of its own.
    pub fn new(number: u64, tracking: &str) -> Self {
        let mut one = Self { random: Random(number), ..Self::default() };
        one.around(tracking);
        one.command(number % COMMANDS);
        one
    }

    /// Writes its files.
    pub fn put(&self, folder: &Path) {
        for (name, text) in &self.files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    /// A word that is nowhere else.
    fn marker(&mut self) -> String {
        let letter = |random: &mut Random| char::from(b'a' + u8::try_from(random.below(26)).unwrap());
        let word: String = (0..10).map(|_| letter(&mut self.random)).collect();
        let marker = format!("zq{word}");
        self.markers.push(marker.clone());
        marker
    }

    /// The same, and the tracking server is told.
    fn told(&mut self) -> String {
        let marker = self.marker();
        self.told.push(marker.clone());
        marker
    }

    /// A number that is nowhere else, in seven digits before the point.
    fn number(&mut self) -> String {
        let number = (1_000_000 + self.random.below(9_000_000)).to_string();
        self.markers.push(number.clone());
        number + ".5"
    }

    /// What comes before the command, and around it.
    fn around(&mut self, tracking: &str) {
        for name in ["USER", "LOGNAME", "HOSTNAME", "LANG", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"] {
            let value = self.marker();
            let value = if name == "OTEL_RESOURCE_ATTRIBUTES" { format!("user.name={value}") } else { value };
            self.variables.push((name.to_owned(), value));
        }
        let (name, value) = (self.marker(), self.marker());
        self.variables.push((name.to_uppercase(), value));
        let uri = match self.random.below(8) {
            0 => format!("mysql+{0}://{0}:{0}@{0}.example/{0}", self.marker()),
            1 => format!("sqlite:////{0}/{0}.db", self.marker()),
            2 => format!("{0}://{0}", self.marker()),
            _ => tracking.to_owned(),
        };
        let sdk = ["full", "full", "full", "skinny", "tracing"][usize::try_from(self.random.below(5)).unwrap()];
        let uses = format!("linfa,{},{}", self.marker(), self.marker());
        self.arguments = ["--tracking-uri", &uri, "--sdk", sdk, "--uses", &uses].map(str::to_owned).to_vec();
    }

    fn command(&mut self, which: u64) {
        let mut words = Vec::<String>::new();
        match which {
            0 => words.extend(["experiment".to_owned(), self.told()]),
            1 => {
                words.extend(["run".to_owned(), self.told(), self.told()]);
                for option in ["--param", "--tag"] {
                    words.extend([option.to_owned(), format!("{}={}", self.marker(), self.marker())]);
                }
                words.extend(["--metric".to_owned(), format!("{}={}", self.marker(), self.number())]);
            }
            2 => words.extend(["logged-model".to_owned(), self.told(), self.told(), self.told()]),
            3 => words.extend(["model".to_owned(), self.told()]),
            4 => words.extend(["version".to_owned(), self.told(), self.told()]),
            5 => words.extend(["prompt".to_owned(), self.told(), self.marker()]),
            6 => words.extend(["trace".to_owned(), self.told(), self.told(), self.told(), self.told()]),
            7 => words.extend(["lose".to_owned(), self.marker(), self.marker(), self.marker()]),
            8 => words.extend(["assess".to_owned(), self.told(), self.told(), self.told(), self.told()]),
            9 => {
                let file = format!("{}.csv", self.marker());
                let mut text = String::new();
                for _ in 0..3 {
                    writeln!(text, "{},{}", self.number(), self.number()).unwrap();
                }
                self.files.push((file.clone(), text));
                words.extend(["evaluate".to_owned(), self.told(), file]);
            }
            _ => words.extend(["tour".to_owned(), self.told()]),
        }
        self.arguments.extend(words);
    }

    /// Whether it asks the tracking server at all.
    pub fn asks(&self, tracking: &str) -> bool {
        let is = |word: &str| self.arguments.iter().any(|argument| argument == word);
        let can = !is("tracing") || is("trace") || is("assess");
        is(tracking) && can && !is("lose") && (is("full") || !is("evaluate"))
    }
}
