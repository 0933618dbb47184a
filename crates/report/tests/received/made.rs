//! Random records of the registry `tests/telemetry`, as the lines of a Collector and as plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The schema URL of the registry.
pub const SCHEMA: &str = "https://telemetry.example.org/schemas/press/2.0.0";

/// 2026-09-28, a Monday, in nanoseconds since the epoch.
pub const MONDAY: u64 = 1_790_553_600_000_000_000;

/// Nanoseconds of a day.
pub const DAY: u64 = 86_400_000_000_000;

/// The day that the tests' reports are made on.
pub const TODAY: &str = "2026-11-30";

/// The folder of the registry.
pub fn registry() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/telemetry")
}

/// The registry with changes, in a folder of its own.
pub fn changed(folder: &Path, name: &str, changes: &[(&str, &str)]) -> PathBuf {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).unwrap();
    for file in ["manifest.yaml", "usage.yaml"] {
        let text = fs::read_to_string(registry().join(file)).unwrap();
        let text = changes.iter().fold(text, |text, (old, new)| text.replace(old, new));
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

/// A generator of random numbers: SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, number: u64) -> u64 {
        self.next() % number
    }

    /// Whether it happens, in so many of a hundred cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(self.below(texts.len() as u64)).unwrap()]
    }

    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(u32::try_from(self.below(16)).unwrap(), 16).unwrap()).collect()
    }

    /// A UUID of a version.
    pub fn uuid(&mut self, version: char) -> String {
        let digits = self.hex(32);
        format!(
            "{}-{}-{version}{}-a{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[13..16],
            &digits[17..20],
            &digits[20..]
        )
    }
}

/// One record, as plain data.
#[derive(Clone)]
pub struct MadeRecord {
    pub is_span: bool,
    pub start: u64,
    pub duration: u64,
    pub status: usize,
    pub trace_id: String,
    pub span_id: String,
    /// The values of each attribute, as text: one, or those of a list.
    pub values: BTreeMap<&'static str, Vec<String>>,
}

/// One process: its resource and its records.
pub struct MadeProcess {
    pub resource: BTreeMap<&'static str, String>,
    pub records: Vec<MadeRecord>,
}

/// Random processes of random installations.
pub fn processes(random: &mut Random, installations: u64, processes: u64) -> Vec<MadeProcess> {
    let ids: Vec<_> = (0..installations).map(|_| random.uuid('8')).collect();
    (0..processes)
        .map(|_| {
            let mut resource = BTreeMap::from([("service.name", "press".to_owned()), ("session.id", random.uuid('4'))]);
            if random.percent(97) {
                let id = &ids[usize::try_from(random.below(installations)).unwrap()];
                resource.insert("service.instance.id", id.clone());
            }
            resource.insert("service.version", random.of(&["1.9.0", "2.0.0", "2.0.1"]).to_owned());
            if random.percent(90) {
                resource.insert("os.type", random.of(&["linux", "darwin", "windows"]).to_owned());
            }
            let records = (0..random.below(6)).map(|_| record(random)).collect();
            MadeProcess { resource, records }
        })
        .collect()
}

fn record(random: &mut Random) -> MadeRecord {
    let is_span = random.percent(70);
    let mut values = BTreeMap::new();
    let mut put = |key, value: Vec<String>| values.insert(key, value);
    if is_span {
        put("press.format", vec![random.of(&["pdf", "<b>html</b>", "other, \"rest\""]).to_owned()]);
        if random.percent(80) {
            put("press.pages", vec![random.of(&["1 to 9", "10 to 99", "100 and more"]).to_owned()]);
        }
        if random.percent(60) {
            put("press.color", vec![random.percent(30).to_string()]);
        }
        if random.percent(60) {
            put("press.copies", vec![random.below(301).to_string()]);
        }
        if random.percent(60) {
            let fonts = ["mono", "sans", "serif"].into_iter().filter(|_| random.percent(40)).map(str::to_owned);
            let fonts: Vec<_> = fonts.collect();
            put("press.fonts", fonts);
        }
        if random.percent(50) {
            put("press.exit", vec![random.of(&["-1", "0", "14"]).to_owned()]);
        }
        if random.percent(30) {
            put("press.template", vec![random.hex(32)]);
        }
    } else if random.percent(80) {
        put("press.engine.version", vec![random.of(&["1.0.0", "1.1.0-beta", "7"]).to_owned()]);
    }
    MadeRecord {
        is_span,
        start: (MONDAY + random.below(40 * DAY)) / 1_000_000_000 * 1_000_000_000,
        duration: if random.percent(10) { 0 } else { random.below(10_u64.pow(5)) * 1_000_000 },
        status: usize::try_from(random.below(3)).unwrap(),
        trace_id: random.hex(31) + "1",
        span_id: random.hex(15) + "1",
        values,
    }
}

/// The lines of a process: one of its spans and one of its events, where it has some.
pub fn lines(process: &MadeProcess) -> Vec<String> {
    let resource: Vec<_> = process.resource.iter().map(|(key, value)| text(key, value)).collect();
    let group = |is_span: bool, envelope: &str, scopes: &str, list: &str| {
        let records: Vec<_> =
            process.records.iter().filter(|record| record.is_span == is_span).map(MadeRecord::json).collect();
        let scope = json!({"scope": {"name": "scruple", "version": "0.1.0"}, list: records, "schemaUrl": SCHEMA});
        let whole = json!({"resource": {"attributes": resource}, scopes: [scope], "schemaUrl": SCHEMA});
        (!records.is_empty()).then(|| json!({envelope: [whole]}).to_string())
    };
    let spans = group(true, "resourceSpans", "scopeSpans", "spans");
    spans.into_iter().chain(group(false, "resourceLogs", "scopeLogs", "logRecords")).collect()
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

impl MadeRecord {
    fn json(&self) -> Value {
        let attributes: Vec<_> = self.values.iter().map(|(key, values)| attribute(key, values)).collect();
        let mut record = json!({"traceId": self.trace_id, "spanId": self.span_id, "attributes": attributes});
        if self.is_span {
            record["name"] = json!("press.print");
            record["kind"] = json!(1);
            record["startTimeUnixNano"] = json!(self.start.to_string());
            record["endTimeUnixNano"] = json!((self.start + self.duration).to_string());
            record["status"] = json!({"code": self.status});
        } else {
            record["eventName"] = json!("press.loaded");
            record["severityNumber"] = json!(9);
            record["timeUnixNano"] = json!(self.start.to_string());
            record["observedTimeUnixNano"] = json!(self.start.to_string());
        }
        record
    }
}

fn attribute(key: &str, values: &[String]) -> Value {
    match key {
        "press.color" => json!({"key": key, "value": {"boolValue": values[0] == "true"}}),
        "press.copies" | "press.exit" => json!({"key": key, "value": {"intValue": values[0]}}),
        "press.fonts" => {
            let values: Vec<_> = values.iter().map(|value| json!({"stringValue": value})).collect();
            json!({"key": key, "value": {"arrayValue": {"values": values}}})
        }
        _ => text(key, &values[0]),
    }
}

/// A cell: the signal, the first day of its week since the epoch, the attributes, and the labels.
pub type MadeCell = (&'static str, u64, Vec<String>, Vec<String>);

/// The records and distinct installations of each cell that is not empty, counted in the plainest way.
pub fn expected(processes: &[MadeProcess], pairs: &[(&str, &str)]) -> BTreeMap<MadeCell, (u64, u64)> {
    let mut cells: BTreeMap<MadeCell, (u64, BTreeSet<String>)> = BTreeMap::new();
    for process in processes {
        let unit = process.resource.get("service.instance.id");
        for record in &process.records {
            let signal = if record.is_span { "press.print" } else { "press.loaded" };
            let day = record.start / DAY;
            let monday = day - (day - MONDAY / DAY) % 7;
            let mut add = |attributes: Vec<String>, labels: Vec<String>| {
                let cell = cells.entry((signal, monday, attributes, labels)).or_default();
                cell.0 += 1;
                cell.1.extend(unit.cloned());
            };
            add(Vec::new(), Vec::new());
            let of_signal: &[&str] = if record.is_span {
                &[
                    "press.format",
                    "press.pages",
                    "press.color",
                    "press.copies",
                    "press.exit",
                    "press.fonts",
                    "otel.status_code",
                    "otel.duration",
                ]
            } else {
                &["press.engine.version"]
            };
            for key in of_signal.iter().chain(&["service.version", "os.type"]) {
                labels(process, record, key).into_iter().for_each(|label| add(vec![(*key).to_owned()], vec![label]));
            }
            for (one, other) in pairs {
                if record.is_span {
                    let [first, second] = [one, other].map(|key| labels(process, record, key).remove(0));
                    add(vec![(*one).to_owned(), (*other).to_owned()], vec![first, second]);
                }
            }
        }
    }
    cells.into_iter().map(|(cell, (records, units))| (cell, (records, units.len() as u64))).collect()
}

/// The labels that a record stands under.
fn labels(process: &MadeProcess, record: &MadeRecord, key: &str) -> Vec<String> {
    match key {
        "otel.status_code" => return vec![["unset", "ok", "error"][record.status].to_owned()],
        "otel.duration" => return vec![duration(record.duration / 1_000_000).to_owned()],
        _ => {}
    }
    let of_resource = process.resource.get(key).map(|value| vec![value.clone()]);
    let values = of_resource.or_else(|| record.values.get(key).cloned());
    match (key, values) {
        (_, None) => vec![String::new()],
        ("press.copies", Some(values)) => vec![copies(values[0].parse().unwrap()).to_owned()],
        (_, Some(values)) => values,
    }
}

fn copies(number: u64) -> &'static str {
    match number {
        0 => "0",
        1 => "1",
        2..=4 => "2 to 4",
        5..=9 => "5 to 9",
        10..=19 => "10 to 19",
        20..=49 => "20 to 49",
        50..=99 => "50 to 99",
        100..=199 => "100 to 199",
        _ => "200 to 300",
    }
}

fn duration(milliseconds: u64) -> &'static str {
    match milliseconds {
        0 => "0 s",
        1 => "1 ms to 2 ms",
        2..=4 => "2 ms to 5 ms",
        5..=9 => "5 ms to 10 ms",
        10..=19 => "10 ms to 20 ms",
        20..=49 => "20 ms to 50 ms",
        50..=99 => "50 ms to 100 ms",
        100..=199 => "100 ms to 200 ms",
        200..=499 => "200 ms to 500 ms",
        500..=999 => "500 ms to 1 s",
        1_000..=1_999 => "1 s to 2 s",
        2_000..=4_999 => "2 s to 5 s",
        5_000..=9_999 => "5 s to 10 s",
        10_000..=19_999 => "10 s to 20 s",
        20_000..=29_999 => "20 s to 30 s",
        30_000..=59_999 => "30 s to 1 min",
        _ => "1 min to 2 min",
    }
}
