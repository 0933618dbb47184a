//! A run as one JSON object, in full length.
//!
//! | key | holds |
//! |---|---|
//! | `decision` | `mode` (`on`, `off`, `undecided`) and `reason`, as text |
//! | `door`, `to` | as on the command line; `to` is null for this process |
//! | `work` | `rows`, `columns`, `classes`, and the number of rows with an outlier (`outside`), also in `per_cent` |
//! | `resource` | keys and values of the first record that left |
//! | `records` | for each recorded one: `signal`, `name`, whether it `left`, the reason why it was `withheld`, and its `fields`: `name`, `recorded`, `left`, `withheld` |
//! | `received` | for each request: `signal`, `protocol` (`copy` with `--to`: one for each record), `format`, `bytes` |
//! | `planted` | for each private text: its description (`what`) and the number of matches (`found`); null if it can't be searched for |
//! | `findings` | the findings of `check` in the data that left |
//! | `missing`, `unexpected` | declared data that did not leave, and data that left but should not have |
//! | `drop counts` | the number of withheld values, by reason |
//! | `deliveries` | the numbers of `sent`, `waiting` and `lost` records, the last by reason |
//! | `objections` | one sentence for each failure above |
//! | `verdict` | `clean`, `not clean`, or `off`; with `off`, only `decision`, `door` and `to` are there too |

use scruple::check::Format;
use scruple::consent::Decision;
use serde_json::{Value, json};

use super::compare::{Row, SignalComparison, kind};
use super::program::ProgramResult;
use super::stage::{Run, SentData, Stage};
use super::verdict::Verdict;
use crate::receive::Protocol;
use scruple::registry::SignalKind;

/// The object for a run with telemetry off.
pub fn off(stage: &Stage<'_>, decision: Decision) -> Value {
    json!({
        "decision": self::decision(decision), "door": door(stage), "to": to(stage), "verdict": "off",
    })
}

/// The object for a run.
pub fn run(stage: &Stage<'_>, run: &Run, work: &ProgramResult, verdict: &Verdict) -> Value {
    let drop_counts = |(why, count): &(scruple::privacy::DropReason, u64)| (why.to_string(), json!(count));
    let lost = run.delivered.lost.iter().map(|(why, count)| (why.to_string(), json!(count)));
    let planted = verdict.planted.iter().map(|found| json!({"what": found.what, "found": found.times}));
    json!({
        "decision": decision(run.decision),
        "door": door(stage),
        "to": to(stage),
        "work": {
            "rows": work.rows, "columns": work.columns, "classes": work.classes, "outside": work.outliers.outside,
            "per_cent": work.outliers.per_cent(),
        },
        "resource": pairs(&verdict.comparison.resource),
        "records": verdict.comparison.blocks.iter().map(block).collect::<Value>(),
        "received": run.taken.iter().map(taken).collect::<Value>(),
        "planted": planted.collect::<Value>(),
        "findings": verdict.findings,
        "missing": verdict.comparison.missing,
        "unexpected": verdict.comparison.unexpected,
        "drop_counts": run.withheld.iter().map(drop_counts).collect::<Value>(),
        "deliveries": {
            "sent": run.delivered.sent, "waiting": run.delivered.waiting, "lost": lost.collect::<Value>(),
        },
        "objections": verdict.objections(),
        "verdict": if verdict.is_clean() { "clean" } else { "not clean" },
    })
}

fn decision(decision: Decision) -> Value {
    json!({"mode": decision.mode.as_str(), "reason": decision.reason.to_string()})
}

fn door(stage: &Stage<'_>) -> Value {
    use clap::ValueEnum;
    stage.door.to_possible_value().map_or(Value::Null, |value| value.get_name().into())
}

fn to(stage: &Stage<'_>) -> Value {
    stage.to.map_or(Value::Null, |to| to.to_string().into())
}

fn block(block: &SignalComparison) -> Value {
    json!({
        "signal": kind(block.signal),
        "name": block.name,
        "left": block.left,
        "withheld": block.why.map(|why| why.to_string()),
        "fields": block.rows.iter().map(row).collect::<Value>(),
    })
}

fn row(row: &Row) -> Value {
    json!({
        "name": row.name, "recorded": row.recorded, "left": row.left, "withheld": row.why.map(|why| why.to_string()),
    })
}

fn taken(taken: &SentData) -> Value {
    let signal = match taken.signal {
        SignalKind::Span => "traces",
        SignalKind::Event => "logs",
    };
    let protocol = match taken.protocol {
        Some(Protocol::Http) => "http",
        Some(Protocol::Grpc) => "grpc",
        None => "copy",
    };
    let format = match taken.format {
        Format::Json => "json",
        Format::Protobuf => "protobuf",
    };
    json!({"signal": signal, "protocol": protocol, "format": format, "bytes": taken.bytes.len()})
}

fn pairs(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(key, value)| (key.clone(), json!(value))).collect()
}
