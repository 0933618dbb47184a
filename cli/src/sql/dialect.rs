//! The expressions of the two engines, over the attributes of a stored record.

use super::text::{name, text};
use crate::counts::PeriodLength;

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialect {
    /// Over the tables of the Collector's exporter for ClickHouse (`collector-config --backend clickhouse`).
    Clickhouse,
    /// Over the files of the Collector's file exporter, read in place.
    Duckdb,
}

impl Dialect {
    /// The first day of the period of a time.
    pub(super) fn period(self, length: PeriodLength, time: &str) -> String {
        match (self, length) {
            (Self::Clickhouse, PeriodLength::Day) => format!("toDate({time}, 'UTC')"),
            (Self::Clickhouse, PeriodLength::Week) => format!("toMonday({time}, 'UTC')"),
            (Self::Clickhouse, PeriodLength::Month) => format!("toStartOfMonth({time}, 'UTC')"),
            (Self::Duckdb, PeriodLength::Day) => format!("CAST({time} AS DATE)"),
            (Self::Duckdb, PeriodLength::Week) => format!("CAST(date_trunc('week', {time}) AS DATE)"),
            (Self::Duckdb, PeriodLength::Month) => format!("CAST(date_trunc('month', {time}) AS DATE)"),
        }
    }

    /// An attribute as text; null without it.
    pub(super) fn text(self, map: &str, key: &str) -> String {
        let key = text(key);
        match self {
            Self::Clickhouse => format!("if(mapContains({map}, {key}), {map}[{key}], NULL)"),
            // One field has a value; which one follows from the declaration, and a key of several versions may have several.
            Self::Duckdb => format!(
                "list_transform(list_filter({map}, lambda a: a.\"key\" = {key}), lambda a: coalesce(a.\"value\".stringValue, \
                 a.\"value\".intValue, CAST(a.\"value\".boolValue AS VARCHAR), \
                 array_to_string(list_transform(a.\"value\".arrayValue.\"values\", lambda v: v.stringValue), ', ')))[1]"
            ),
        }
    }

    /// An attribute as a boolean; null without it.
    pub(super) fn boolean(self, map: &str, key: &str) -> String {
        match self {
            Self::Clickhouse => {
                let key = text(key);
                format!("CAST(if(mapContains({map}, {key}), {map}[{key}] = 'true', NULL) AS Nullable(Bool))")
            }
            Self::Duckdb => value(map, key, "boolValue"),
        }
    }

    /// An attribute as a whole number; null without it.
    pub(super) fn number(self, map: &str, key: &str) -> String {
        match self {
            Self::Clickhouse => format!("toInt64OrNull({map}[{}])", text(key)),
            Self::Duckdb => format!("CAST({} AS BIGINT)", value(map, key, "intValue")),
        }
    }

    /// An attribute as a list of texts; empty without it (ClickHouse has no null lists), or null.
    pub(super) fn list(self, map: &str, key: &str) -> String {
        match self {
            Self::Clickhouse => format!("JSONExtract({map}[{}], 'Array(String)')", text(key)),
            Self::Duckdb => {
                format!("list_transform({}, lambda v: v.stringValue)", value(map, key, "arrayValue.\"values\""))
            }
        }
    }

    /// The cells of a record: a list of pairs of a key and a value, of which each is an expression for a text.
    pub(super) fn pairs(self, cells: &[(&str, String)], lists: &[&str]) -> String {
        let pair = |key: &str, value: &str| match self {
            Self::Clickhouse => format!("({}, {value})", text(key)),
            Self::Duckdb => format!("{{'attribute': {}, 'value': {value}}}", text(key)),
        };
        let cells: Vec<_> = cells.iter().map(|(key, value)| pair(key, value)).collect();
        let lists = lists.iter().map(|key| {
            let column = name(key);
            match self {
                Self::Clickhouse => {
                    format!("arrayMap(m -> {}, if(empty({column}), [''], {column}))", pair(key, "m"))
                }
                Self::Duckdb => {
                    format!("list_transform(coalesce({column}, ['']), lambda m: {})", pair(key, "m"))
                }
            }
        });
        let all: Vec<_> = [format!("[{}]", cells.join(",\n        "))].into_iter().chain(lists).collect();
        match (self, all.as_slice()) {
            (_, [one]) => one.clone(),
            (Self::Clickhouse, _) => format!("arrayConcat(\n        {})", all.join(",\n        ")),
            // It takes two lists.
            (Self::Duckdb, _) => {
                all.into_iter().reduce(|one, more| format!("list_concat({one},\n        {more})")).unwrap_or_default()
            }
        }
    }

    /// One row for each cell of a list of pairs, and the key and the value of the column `_cell` that it is.
    pub(super) fn unfolded(self, pairs: &str) -> (String, [&'static str; 2]) {
        match self {
            Self::Clickhouse => {
                (format!("arrayJoin({pairs})"), ["tupleElement(\"_cell\", 1)", "tupleElement(\"_cell\", 2)"])
            }
            Self::Duckdb => (format!("unnest({pairs})"), ["\"_cell\".attribute", "\"_cell\".\"value\""]),
        }
    }

    /// A column as text; null is the empty text.
    pub(super) fn shown(self, column: &str) -> String {
        match self {
            Self::Clickhouse => format!("ifNull(toString({column}), '')"),
            Self::Duckdb => format!("coalesce(CAST({column} AS VARCHAR), '')"),
        }
    }

    /// The exact number of different values that are not null.
    pub(super) fn different(self, expressions: &[String]) -> String {
        let all = expressions.join(", ");
        match (self, expressions.len()) {
            (Self::Clickhouse, _) => format!("uniqExact({all})"),
            (Self::Duckdb, 1) => format!("count(DISTINCT {all})"),
            (Self::Duckdb, _) => format!("count(DISTINCT ({all}))"),
        }
    }
}

/// A field of an attribute's value in DuckDB; null without it.
fn value(map: &str, key: &str, field: &str) -> String {
    format!("list_filter({map}, lambda a: a.\"key\" = {})[1].\"value\".{field}", text(key))
}
