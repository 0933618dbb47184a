//! A run as one JSON object, with nothing cut.
//!
//! | key | holds |
//! |---|---|
//! | `decision` | `mode` (`on`, `off`, `undecided`) and `because`, in words |
//! | `door`, `to` | as on the command line; `to` is null for this process |
//! | `work` | `rows`, `columns`, `classes`, and how many rows have an outlier (`outside`), also in `per_cent` |
//! | `resource` | keys and values, as the first record that left has them |
//! | `records` | for each that was recorded: `signal`, `name`, whether it `left`, why it was `withheld`, and its `fields`: `name`, `recorded`, `left`, `withheld` |
//! | `received` | for each request: `signal`, `protocol` (`copy` with `--to`: one for each record), `format`, `bytes` |
//! | `planted` | for each private text: `what` it is, how often it was `found`; null where it can't be searched for |
//! | `findings` | what `check` names in what left |
//! | `missing`, `unexpected` | what was to leave and did not, and what left and was not to |
//! | `drop_counts` | how often something was withheld, by reason |
//! | `deliveries` | how many records were `sent`, are `waiting`, or were `lost`, by reason |
//! | `objections` | all of the above that is wrong, a sentence each |
//! | `verdict` | `clean`, `not clean`, or `off`, where there is nothing but `decision`, `door` and `to` |

use scruple::check::Format;
use scruple::consent::Decision;
use serde_json::{Value, json};

use super::compare::{Block, Row, kind};
use super::program::Work;
use super::stage::{Run, Stage, Taken};
use super::verdict::Verdict;
use crate::receive::Protocol;
use scruple::registry::SignalKind;

/// What is said when telemetry is off.
pub fn off(stage: &Stage<'_>, decision: Decision) -> Value {
    json!({
        "decision": self::decision(decision), "door": door(stage), "to": to(stage), "verdict": "off",
    })
}

/// What is said of a run.
pub fn run(stage: &Stage<'_>, run: &Run, work: &Work, verdict: &Verdict) -> Value {
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
    json!({"mode": decision.mode.as_str(), "because": decision.reason.to_string()})
}

fn door(stage: &Stage<'_>) -> Value {
    use clap::ValueEnum;
    stage.door.to_possible_value().map_or(Value::Null, |value| value.get_name().into())
}

fn to(stage: &Stage<'_>) -> Value {
    stage.to.map_or(Value::Null, |to| to.to_string().into())
}

fn block(block: &Block) -> Value {
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

fn taken(taken: &Taken) -> Value {
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
