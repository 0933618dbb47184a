//! The views of `scruple sql` in the real engines, over what the real Collector has written: they count the same as
//! `scruple report`.

#[path = "../components/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod components;
mod random;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use scruple::forward::Forward;
use scruple::registry::{Registry, TreatmentKind};
use scruple_cli::collector_config::{Backend, CollectorKind, Options};
use scruple_cli::counts::PeriodLength;
use scruple_cli::demo::usage::REGISTRY;
use scruple_cli::registry;
use scruple_cli::sql::{Choices, Dialect, dashboard, write};
use serde_json::Value;

use crate::components::program::{self, Door};
use crate::components::{Collector, agent, free_ports, wait_for};

/// The records and the units of a cell, by period, signal, attribute and value.
type Cells = BTreeMap<[String; 4], (u64, u64)>;

/// What all engines are asked.
const QUERY: &str =
    "SELECT \"period\", \"signal\", \"attribute\", \"value\", \"records\", \"units\" FROM \"usage\".\"_counts\"";

fn choices(dialect: Dialect, folder: &Path, threshold: u64) -> Choices {
    let (schema, tables) = ("usage".to_owned(), "default".to_owned());
    let folder = folder.display().to_string();
    Choices { dialect, length: PeriodLength::Week, threshold, schema, tables, folder, retention: None }
}

/// A file of this folder.
fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines").join(name)
}

/// A program that the tests need, put into the cache if it lacks it.
fn prepared(name: &str) -> PathBuf {
    let output = Command::new(here("prepare")).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "tests/engines/prepare failed");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("it prints names and paths");
    PathBuf::from(line.trim_start())
}

/// ClickHouse's engine behind its HTTP interface. It is killed when dropped.
struct ClickHouse {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl ClickHouse {
    fn start() -> Self {
        // In memory where that is possible: each insert syncs a file for each day.
        let memory = Path::new("/dev/shm");
        let folder = tempfile::tempdir_in(if memory.is_dir() { memory } else { Path::new("/tmp") }).unwrap();
        let [port] = free_ports();
        let mut command = Command::new(prepared("python"));
        command.arg(here("clickhouse_server.py")).arg(port.to_string()).arg(folder.path()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "listening\n");
        Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder }
    }

    fn ask(&self, query: &str) -> String {
        let mut answer = agent().post(&self.url).send(query).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 200, "{query}: {text}");
        text
    }

    /// Runs statements, of which none has a semicolon at the end of a line inside of it.
    fn run(&self, text: &str) {
        for statement in
            text.split(";\n").filter(|text| text.lines().any(|line| !line.is_empty() && !line.starts_with("--")))
        {
            self.ask(statement);
        }
    }

    fn cells(&self) -> Cells {
        let text = self
            .ask(&format!("{QUERY} FORMAT JSONCompactEachRow SETTINGS output_format_json_quote_64bit_integers = 0"));
        text.lines().map(cell).collect()
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// DuckDB, which ends with its standard input.
struct DuckDb {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl DuckDb {
    fn start() -> Self {
        let mut command = Command::new(prepared("python"));
        let mut child =
            command.arg(here("views_in_duckdb.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from }
    }

    fn cells(&mut self, views: &str) -> Cells {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["views.sql", "query.sql"].map(|name| folder.path().join(name));
        fs::write(&first, views).unwrap();
        fs::write(&second, QUERY).unwrap();
        writeln!(self.to.as_mut().unwrap(), "{}\t{}", first.display(), second.display()).unwrap();
        let mut cells = Cells::new();
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "{views}");
            if line == "\n" {
                return cells;
            }
            cells.extend([cell(&line)]);
        }
    }
}

impl Drop for DuckDb {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.child.wait();
    }
}

/// Which cells only one of two has, or has with another count.
#[track_caller]
fn same(seed: u64, one: &Cells, other: &Cells) {
    let differ = |from: &Cells, to: &Cells| -> Vec<_> {
        from.iter().filter(|(names, count)| to.get(*names) != Some(*count)).map(|cell| format!("{cell:?}")).collect()
    };
    assert!(one == other, "{seed}: {:#?} against {:#?}", differ(one, other), differ(other, one));
}

fn cell(line: &str) -> ([String; 4], (u64, u64)) {
    let row: Vec<Value> = serde_json::from_str(line).unwrap();
    let text = |place: usize| row[place].as_str().unwrap().to_owned();
    ([text(0), text(1), text(2), text(3)], (row[4].as_u64().unwrap(), row[5].as_u64().unwrap()))
}

/// What `scruple report` publishes of a folder's files, with the least threshold.
fn reported(registry: &Path, input: &Path) -> Cells {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new("scruple-report");
    command.arg(registry).arg("--input").arg(input).arg("--out").arg(out.path());
    let output = command.args(["--threshold", "1", "--today", "2027-01-01"]).output();
    let output = output.expect("scruple-report is on the PATH: cargo build --manifest-path crates/report/Cargo.toml");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all = fs::read_to_string(out.path().join("public/report.json")).unwrap();
    let all: Value = serde_json::from_str(&all).unwrap();
    let mut cells = Cells::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let count = |value: &Value| (value["records"].as_u64().unwrap(), value["units_at_least"].as_u64().unwrap());
    for chart in list(&all["charts"]) {
        let key = chart["attributes"].as_array().unwrap().first().map_or(String::new(), text);
        for period in list(&chart["periods"]) {
            let names = |value: String| [text(&period["start"]), text(&chart["signal"]), key.clone(), value];
            if key.is_empty() && !period["total"].is_null() {
                cells.insert(names(String::new()), count(&period["total"]));
            }
            for value in list(&period["values"]) {
                cells.insert(names(text(&value["labels"][0])), count(&value));
            }
        }
    }
    cells
}

/// A Collector that hands on what it gets to ClickHouse, and answers when it is there.
fn handing_on(clickhouse: &ClickHouse) -> Collector {
    let configuration = format!(
        "yaml:{{receivers: {{otlp: {{protocols: {{http: {{endpoint: \"127.0.0.1:${{env:SCRUPLE_HTTP_PORT}}\"}}}}}}}}, exporters: \
         {{clickhouse: {{endpoint: \"{}\", compress: none, async_insert: false, timeout: 60s, sending_queue: {{enabled: false}}, \
         retry_on_failure: {{enabled: false}}}}}}, extensions: {{health_check: {{endpoint: \
         \"127.0.0.1:${{env:SCRUPLE_HEALTH_PORT}}\"}}}}, service: {{extensions: [health_check], telemetry: {{metrics: {{level: \
         none}}}}, pipelines: {{traces: {{receivers: [otlp], exporters: [clickhouse]}}, logs: {{receivers: [otlp], exporters: \
         [clickhouse]}}}}}}}}",
        clickhouse.url
    );
    Collector::start(&[&configuration], &[])
}

/// The lines as one request: the Collector takes one for each anyway.
fn request(list: &str, lines: &[String]) -> String {
    let all = lines.iter().flat_map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line[list].as_array().unwrap().clone()
    });
    serde_json::json!({ list: all.collect::<Vec<_>>() }).to_string()
}

#[test]
#[ignore = "needs the Collector (collector-config/build collector), chdb and DuckDB (cli/tests/engines/prepare), and scruple-report on \
            the PATH (cargo build --manifest-path crates/report/Cargo.toml)"]
fn both_engines_and_the_report_count_the_same() {
    let (clickhouse, mut duckdb) = (ClickHouse::start(), DuckDb::start());
    let collector = handing_on(&clickhouse);
    let (mut cells, registries) = (0, 200);
    for seed in 0..registries {
        let random = random::random(seed);
        let folder = tempfile::tempdir().unwrap();
        let [dir, files] = ["telemetry", "files"].map(|name| folder.path().join(name));
        [&dir, &files].iter().for_each(|folder| fs::create_dir(folder).unwrap());
        fs::write(dir.join("manifest.yaml"), &random.manifest).unwrap();
        fs::write(dir.join("words.yaml"), &random.definitions).unwrap();
        let owned = registry::read(&dir).unwrap_or_else(|found| panic!("{seed}: {found:?}\n{}", random.definitions));
        let table = owned.registry();
        for (file, path, list, lines) in [
            ("traces.jsonl", "/v1/traces", "resourceSpans", &random.traces),
            ("logs.jsonl", "/v1/logs", "resourceLogs", &random.logs),
        ] {
            fs::write(files.join(file), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
            let body = request(list, lines);
            assert_eq!(collector.post(path, "application/json", body.as_bytes()), 200, "{seed}");
        }
        clickhouse.run(&write(&[&table], &choices(Dialect::Clickhouse, &files, 1)));
        let [from_clickhouse, from_duckdb] =
            [clickhouse.cells(), duckdb.cells(&write(&[&table], &choices(Dialect::Duckdb, &files, 1)))];
        let from_report = reported(&dir, &files);
        assert!(from_clickhouse.len() > 10, "{seed}: {from_clickhouse:?}");
        same(seed, &from_clickhouse, &from_duckdb);
        // The report never shows how many have no list: beside the members' counts it would tell too much.
        let lists: Vec<_> = table.attributes.iter().filter(|it| it.treatment.kind() == TreatmentKind::Names).collect();
        let is_shown = |names: &[String; 4]| !names[3].is_empty() || lists.iter().all(|list| list.key != names[2]);
        let shown = from_duckdb.into_iter().filter(|(names, _)| is_shown(names)).collect();
        same(seed, &shown, &from_report);
        cells += from_report.len();
        clickhouse.ask("DROP DATABASE usage");
    }
    println!("{registries} registries, {cells} cells");
}

#[test]
#[ignore = "needs the Collector (collector-config/build collector), and chdb and DuckDB (cli/tests/engines/prepare)"]
fn what_a_program_sends_is_counted_behind_a_generated_configuration() {
    let (clickhouse, mut duckdb) = (ClickHouse::start(), DuckDb::start());
    let options = Options { backend: Some(Backend::Clickhouse), ..Options::of(CollectorKind::Gateway) };
    let variables = [("SCRUPLE_CLICKHOUSE", format!("{}?compress=none", clickhouse.url))];
    let collector = Collector::of(REGISTRY, &options, &variables);
    program::run(&collector.http, Forward::http(), Door::Layer, true);
    let total = || {
        let number =
            |table: &str| clickhouse.ask(&format!("SELECT count() FROM {table}")).trim().parse::<u64>().unwrap();
        (number("otel_traces") == program::SPANS && number("otel_logs") == program::EVENTS).then_some(())
    };
    assert!(wait_for(total).is_some(), "{}", clickhouse.ask("SELECT count() FROM otel_traces"));
    let left = collector.stop();
    let files = tempfile::tempdir().unwrap();
    for (name, lines) in [("traces.jsonl", &left.traces), ("logs.jsonl", &left.logs)] {
        fs::write(files.path().join(name), lines.join("\n") + "\n").unwrap();
    }
    clickhouse.run(&write(&[REGISTRY], &choices(Dialect::Clickhouse, files.path(), 1)));
    let cells = clickhouse.cells();
    let of = |attribute: &str| {
        cells.iter().filter(|(names, _)| names[2] == attribute).map(|(_, count)| count.0).sum::<u64>()
    };
    assert_eq!(of(""), program::SPANS + program::EVENTS);
    same(0, &cells, &duckdb.cells(&write(&[REGISTRY], &choices(Dialect::Duckdb, files.path(), 1))));
    // Nothing is shown of one unit.
    clickhouse.run(&write(&[REGISTRY], &choices(Dialect::Clickhouse, files.path(), 20)));
    assert_eq!(clickhouse.cells(), Cells::new());
    let retention = Choices { retention: Some(30), ..choices(Dialect::Clickhouse, files.path(), 20) };
    clickhouse.run(&write(&[REGISTRY], &retention));
    for table in ["otel_traces", "otel_logs"] {
        assert!(clickhouse.ask(&format!("SHOW CREATE TABLE {table}")).contains("toIntervalDay(30)"));
    }
}

#[test]
#[ignore = "needs chdb, and Grafana's types in Go: cli/tests/engines/prepare"]
fn a_dashboard_is_one_of_grafanas_and_its_queries_run() {
    fn reads(text: &str) -> bool {
        let mut command = Command::new(prepared("grafana"));
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait().unwrap().success()
    }
    let clickhouse = ClickHouse::start();
    // As the exporter makes them, of what the views read.
    for table in ["otel_traces", "otel_logs"] {
        clickhouse.ask(&format!(
            "CREATE TABLE {table} (Timestamp DateTime64(9), TraceId String, SpanId String, SpanName String, ServiceName String, \
             ResourceAttributes Map(String, String), SpanAttributes Map(String, String), LogAttributes Map(String, String), Duration \
             UInt64, StatusCode String, EventName String, Events Nested (Timestamp DateTime64(9), Name String, Attributes \
             Map(String, String))) ENGINE = MergeTree ORDER BY Timestamp"
        ));
    }
    let check = |registry: &Registry<'_>| {
        let choices = choices(Dialect::Clickhouse, Path::new("."), 20);
        clickhouse.run(&write(&[registry], &choices));
        let text = dashboard(&[registry], &choices);
        assert!(reads(&text), "{text}");
        assert!(!reads(&text.replace("\"gridPos\"", "\"place\"")), "the check refuses nothing");
        let board: Value = serde_json::from_str(&text).unwrap();
        let queries =
            board["panels"].as_array().unwrap().iter().filter_map(|panel| panel["targets"][0]["rawSql"].as_str());
        let mut number = 0;
        for query in queries {
            clickhouse.ask(&query.replace("$__from", "1790000000000").replace("$__to", "1797000000000"));
            number += 1;
        }
        assert!(number > 5, "{text}");
    };
    check(REGISTRY);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    for example in ["mlflow", "mlnet"] {
        check(&registry::read(&examples.join(example).join("telemetry")).unwrap().registry());
    }
}
