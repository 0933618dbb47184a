//! The views of a registry: one a signal, with a typed column for each declared attribute, and the counts of all.

use std::fmt::Write as _;

use scruple::registry::{Registry, SignalKind};

use super::dialect::Dialect;
use super::text::{comment, name, text};
use crate::counts::buckets::{DURATION_BUCKETS, duration_first, duration_text, number_first, number_text, of_number};
use crate::counts::columns::{AllColumns, AttributeColumn, ColumnForm, SignalColumns, Unit};
use crate::counts::{DURATION_KEY, PeriodLength, STATUS_KEY, STATUS_WORDS};

/// What the operator chooses.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The engine.
    pub dialect: Dialect,
    /// The periods of the counts.
    pub length: PeriodLength,
    /// The least number of units in a counted cell.
    pub threshold: u64,
    /// The schema of the views.
    pub schema: String,
    /// The database with the exporter's tables, for ClickHouse.
    pub tables: String,
    /// The folder with the Collector's files, for DuckDB.
    pub folder: String,
    /// The days after which ClickHouse deletes rows.
    pub retention: Option<u32>,
}

/// The whole text.
pub fn write(versions: &[&Registry<'_>], choices: &Choices) -> String {
    let all = AllColumns::new(versions);
    let Some(program) = versions.first() else { return String::new() };
    let mut out = head(program, &all, choices);
    if choices.dialect == Dialect::Duckdb {
        out += &raw(SignalKind::Span, choices);
        out += &raw(SignalKind::Event, choices);
    }
    let mut services: Vec<_> = versions.iter().map(|version| version.service.name).collect();
    services.sort_unstable();
    services.dedup();
    let in_resource = |key: &str| {
        versions.iter().any(|version| {
            version.resource.iter().filter_map(|index| version.attribute(*index)).any(|attribute| attribute.key == key)
        })
    };
    for signal in &all.signals {
        out += &records(signal, &services, &in_resource, choices);
    }
    out += &counts(&all, choices);
    out
}

fn head(program: &Registry<'_>, all: &AllColumns, choices: &Choices) -> String {
    let unit = match all.unit {
        Unit::Installation => "an installation: the id changes with the registry's rotation",
        Unit::Session => "a session: one run of the program",
        Unit::None => "nothing: the registry declares no id, so no count reaches the threshold",
    };
    let mut out = format!(
        "-- Views over what a Collector has kept of {}.\n-- Written by `scruple sql`; don't edit.\n--\n\
         -- A unit is {unit}.\n",
        program.service.app_id
    );
    out += &format!(
        "-- The view _counts leaves out cells of fewer than {} units, but what it shows may still tell the rest by\n\
         -- subtraction: for you alone. What may be published comes from `scruple report`.\n",
        choices.threshold
    );
    all.differences.iter().for_each(|difference| out += &format!("{}\n", comment(difference)));
    let schema = name(&choices.schema);
    out += &match choices.dialect {
        Dialect::Clickhouse => format!("\nCREATE DATABASE IF NOT EXISTS {schema};\n"),
        Dialect::Duckdb => format!("\nCREATE SCHEMA IF NOT EXISTS {schema};\n"),
    };
    if let Some(days) = choices.retention {
        for table in ["otel_traces", "otel_logs"] {
            let _ = writeln!(
                out,
                "ALTER TABLE {}.{} MODIFY TTL toDateTime(\"Timestamp\") + toIntervalDay({days});",
                name(&choices.tables),
                name(table)
            );
        }
    }
    out
}

/// The name of the view with the records of all signals of a kind, for DuckDB.
fn raw_name(kind: SignalKind, choices: &Choices) -> String {
    let view = if kind == SignalKind::Span { "_spans" } else { "_events" };
    format!("{}.{}", name(&choices.schema), name(view))
}

/// The records in the files, one a row. The form of the files is stated, not inferred: inferred forms follow the data.
fn raw(kind: SignalKind, choices: &Choices) -> String {
    let attributes = "\"attributes\" STRUCT(\"key\" VARCHAR, \"value\" STRUCT(stringValue VARCHAR, intValue VARCHAR, \
                      boolValue BOOLEAN, arrayValue STRUCT(\"values\" STRUCT(stringValue VARCHAR)[])))[]";
    let (files, list, scopes, records) = match kind {
        SignalKind::Span => ("traces", "resourceSpans", "scopeSpans", "spans"),
        SignalKind::Event => ("logs", "resourceLogs", "scopeLogs", "logRecords"),
    };
    let (fields, columns) = match kind {
        SignalKind::Span => (
            "\"name\" VARCHAR, startTimeUnixNano VARCHAR, endTimeUnixNano VARCHAR, status STRUCT(code INTEGER)",
            "make_timestamp_ns(CAST(record.startTimeUnixNano AS BIGINT)) AS \"time\", record.\"name\" AS \"name\",\n    \
             CAST(record.endTimeUnixNano AS BIGINT) - CAST(record.startTimeUnixNano AS BIGINT) AS duration,\n    \
             coalesce(record.status.code, 0) AS status,\n    ",
        ),
        SignalKind::Event => (
            "timeUnixNano VARCHAR, eventName VARCHAR",
            "make_timestamp_ns(CAST(record.timeUnixNano AS BIGINT)) AS \"time\", record.eventName AS \"name\",\n    ",
        ),
    };
    let file = text(&format!("{}/{files}*.jsonl*", choices.folder.trim_end_matches('/')));
    format!(
        "\nCREATE OR REPLACE VIEW {view} AS\n\
         WITH lines AS (\n    SELECT unnest({list}) AS line\n    FROM read_json({file}, format = 'newline_delimited', \
         maximum_object_size = 1073741824, columns = {{\n        {list}: 'STRUCT(resource STRUCT({attributes}), {scopes} \
         STRUCT({records} STRUCT(traceId VARCHAR, spanId VARCHAR, {fields}, {attributes})[])[])[]'}})\n),\n\
         scopes AS (SELECT line.resource.\"attributes\" AS resource, unnest(line.{scopes}) AS scope FROM lines),\n\
         records AS (SELECT resource, unnest(scope.{records}) AS record FROM scopes)\n\
         SELECT {columns}record.traceId AS trace_id, record.spanId AS span_id, resource, record.\"attributes\" AS \"attributes\"\n\
         FROM records;\n",
        view = raw_name(kind, choices),
    )
}

/// The view with the records of a signal. An event inside a span is a copy of an event that is there too.
fn records(
    signal: &SignalColumns,
    services: &[&str],
    in_resource: &impl Fn(&str) -> bool,
    choices: &Choices,
) -> String {
    let dialect = choices.dialect;
    let is_span = signal.kind == SignalKind::Span;
    let (time, resource, own) = match dialect {
        Dialect::Clickhouse => (
            "\"Timestamp\"",
            "\"ResourceAttributes\"",
            if is_span { "\"SpanAttributes\"" } else { "\"LogAttributes\"" },
        ),
        Dialect::Duckdb => ("\"time\"", "resource", "\"attributes\""),
    };
    let mut columns =
        vec![(dialect.period(choices.length, time), "_period".to_owned()), (time.to_owned(), "_time".to_owned())];
    let ids = match dialect {
        Dialect::Clickhouse => ["\"TraceId\"", "\"SpanId\""],
        Dialect::Duckdb => ["trace_id", "span_id"],
    };
    columns.extend(ids.iter().zip(["_trace_id", "_span_id"]).map(|(id, to)| ((*id).to_owned(), to.to_owned())));
    if is_span {
        let (duration, status) = match dialect {
            Dialect::Clickhouse => ("toInt64(\"Duration\")", "lower(\"StatusCode\")".to_owned()),
            Dialect::Duckdb => ("duration", format!("[{}][status + 1]", STATUS_WORDS.map(text).join(", "))),
        };
        columns.extend([(duration.to_owned(), "_duration_ns".to_owned()), (status, "_status".to_owned())]);
    }
    for column in &signal.columns {
        let map = if in_resource(&column.key) { resource } else { own };
        let value = match column.form {
            ColumnForm::Boolean => dialect.boolean(map, &column.key),
            ColumnForm::Int | ColumnForm::IntegerMember => dialect.number(map, &column.key),
            ColumnForm::Texts => dialect.list(map, &column.key),
            ColumnForm::Text | ColumnForm::Uuid | ColumnForm::Hex(_) => dialect.text(map, &column.key),
        };
        columns.push((value, column.key.clone()));
    }
    let columns: Vec<_> = columns.iter().map(|(value, to)| format!("    {value} AS {}", name(to))).collect();
    let own_name = text(signal.own_name());
    let services: Vec<_> = services.iter().map(|service| text(service)).collect();
    let (from, condition) = match dialect {
        Dialect::Clickhouse => {
            let [traces, logs] =
                ["otel_traces", "otel_logs"].map(|table| format!("{}.{}", name(&choices.tables), name(table)));
            let field = if is_span { "SpanName" } else { "EventName" };
            let condition = format!("\"ServiceName\" IN ({}) AND {} = {own_name}", services.join(", "), name(field));
            (if is_span { traces } else { logs }, condition)
        }
        Dialect::Duckdb => {
            let service = dialect.text(resource, "service.name");
            (
                raw_name(signal.kind, choices),
                format!("{service} IN ({}) AND \"name\" = {own_name}", services.join(", ")),
            )
        }
    };
    format!(
        "\n{}\nCREATE OR REPLACE VIEW {}.{} AS\nSELECT\n{}\nFROM {from}\nWHERE {condition};\n",
        comment(&signal.brief),
        name(&choices.schema),
        name(&signal.name),
        columns.join(",\n"),
    )
}

/// The view with the counts of all signals: the total of each period under the attribute '', and for each value of each
/// attribute the records and the units.
fn counts(all: &AllColumns, choices: &Choices) -> String {
    let dialect = choices.dialect;
    let unit = all.unit_key.as_deref().map(name);
    let each = all.signals.iter().map(|signal| {
        let is_span = signal.kind == SignalKind::Span;
        let mut cells = vec![("", "''".to_owned())];
        if is_span {
            cells.push((STATUS_KEY, name("_status")));
            cells.push((DURATION_KEY, duration()));
        }
        let tabled = || signal.columns.iter().filter(|column| column.is_tabled);
        for column in tabled().filter(|column| column.form != ColumnForm::Texts) {
            let value = match column.form {
                ColumnForm::Int => number(column),
                _ => dialect.shown(&name(&column.key)),
            };
            cells.push((&column.key, value));
        }
        let lists: Vec<_> = tabled().filter(|column| column.form == ColumnForm::Texts).map(|column| column.key.as_str()).collect();
        let pairs = dialect.pairs(&cells, &lists);
        // A client that got no answer sends a record again: a span has an id of its own, an event has none.
        let records = if is_span {
            dialect.different(&["_trace_id", "_span_id", "_unit"].map(name))
        } else {
            "count(*)".to_owned()
        };
        // A name of a registry begins with a letter, so no attribute has one of these names.
        let unit = unit.as_ref().map_or_else(|| "''".to_owned(), |unit| dialect.shown(unit));
        let units = dialect.different(&["nullif(\"_unit\", '')".to_owned()]);
        let (all, [attribute, value]) = dialect.unfolded(&pairs);
        format!(
            "    SELECT \"_period\" AS \"period\", {} AS \"signal\", {attribute} AS \"attribute\", {value} AS \"value\", \
             {records} AS \"records\", {units} AS \"units\"\n    FROM (SELECT \"_period\", \"_trace_id\", \"_span_id\", {unit} AS \
             \"_unit\", {all} AS \"_cell\"\n    FROM {}.{})\n    GROUP BY \"period\", \"attribute\", \"value\"",
            text(&signal.name),
            name(&choices.schema),
            name(&signal.name),
        )
    });
    let each: Vec<_> = each.collect();
    format!(
        "\nCREATE OR REPLACE VIEW {}.\"_counts\" AS\nSELECT * FROM (\n{}\n) AS cells\nWHERE \"units\" >= {};\n",
        name(&choices.schema),
        each.join("\n    UNION ALL\n"),
        choices.threshold,
    )
}

/// The text of a span's duration.
fn duration() -> String {
    let branches: Vec<_> = (0..DURATION_BUCKETS - 1)
        .filter_map(|bucket| {
            Some(format!(
                "WHEN \"_duration_ns\" < {} THEN {}",
                duration_first(bucket + 1)?,
                text(&duration_text(bucket))
            ))
        })
        .collect();
    format!("CASE {} ELSE {} END", branches.join(" "), text(&duration_text(DURATION_BUCKETS - 1)))
}

/// The text of a whole number; the empty text without one.
fn number(column: &AttributeColumn) -> String {
    let own = name(&column.key);
    let last = of_number(column.max);
    let branches: Vec<_> = (0..last)
        .filter_map(|bucket| {
            Some(format!("WHEN {own} < {} THEN {}", number_first(bucket + 1)?, text(&number_text(bucket, column.max))))
        })
        .collect();
    format!("CASE WHEN {own} IS NULL THEN '' {} ELSE {} END", branches.join(" "), text(&number_text(last, column.max)))
}
