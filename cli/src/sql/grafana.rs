//! A Grafana dashboard over the views in ClickHouse, in Grafana's JSON model (schema version 39).

use scruple::registry::Registry;
use serde_json::{Value, json};

use super::text::{name, text};
use super::views::Choices;
use crate::counts::columns::{AllColumns, SignalColumns};
use crate::counts::{DURATION_KEY, STATUS_KEY};

/// The plugin that reads ClickHouse.
const DATASOURCE: &str = "grafana-clickhouse-datasource";

/// The width of a dashboard, in columns.
const WIDTH: usize = 24;

/// The height of a panel, in rows.
const HEIGHT: usize = 8;

/// The whole text.
pub fn dashboard(versions: &[&Registry<'_>], choices: &Choices) -> String {
    let all = AllColumns::new(versions);
    let Some(program) = versions.first() else { return String::new() };
    let mut panels = Panels { all: Vec::new(), top: 0, left: 0 };
    for signal in &all.signals {
        panels.signal(signal, choices);
    }
    let title = format!("Usage of {}", program.service.name);
    let dashboard = json!({
        "title": title,
        "uid": uid(program.service.app_id),
        "description": format!(
            "The counts that `scruple sql` wrote. Cells of fewer than {} units are left out; what is shown is for the \
             operator alone.",
            choices.threshold
        ),
        "tags": ["scruple"],
        "schemaVersion": 39,
        "editable": true,
        "timezone": "utc",
        "time": {"from": "now-90d", "to": "now"},
        "annotations": {"list": []},
        "templating": {"list": [{
            "type": "datasource",
            "name": "datasource",
            "label": "ClickHouse",
            "query": DATASOURCE,
        }]},
        "panels": panels.all,
    });
    format!("{dashboard:#}\n")
}

/// An id of at most 40 letters, digits, - and _, as Grafana takes it.
fn uid(app_id: &str) -> String {
    let end = app_id.chars().rev().take(32).collect::<Vec<_>>().into_iter().rev();
    let plain = end.map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' });
    format!("scruple-{}", plain.collect::<String>())
}

/// The panels so far, from left to right and from top to bottom.
struct Panels {
    all: Vec<Value>,
    top: usize,
    left: usize,
}

impl Panels {
    fn signal(&mut self, signal: &SignalColumns, choices: &Choices) {
        self.begin(&signal.name, &signal.brief);
        let counts = format!("{}.{}", name(&choices.schema), name("_counts"));
        let of = |attribute: &str| {
            // Grafana puts the milliseconds of the time range here.
            format!(
                "FROM {counts} WHERE \"signal\" = {} AND \"attribute\" = {} AND \"period\" >= toDate(intDiv($__from, 1000)) \
                 AND \"period\" <= toDate(intDiv($__to, 1000))",
                text(&signal.name),
                text(attribute)
            )
        };
        let over_time = format!("SELECT \"period\" AS \"time\", \"records\", \"units\" {} ORDER BY \"time\"", of(""));
        self.panel(&signal.name, "Records and units a period.", "timeseries", 0, &over_time, WIDTH);
        let spans = [(STATUS_KEY, "The status."), (DURATION_KEY, "How long it took.")];
        let is_span = signal.kind == scruple::registry::SignalKind::Span;
        let declared = signal.columns.iter().filter(|column| column.is_tabled);
        let declared = declared.map(|column| (column.key.as_str(), column.brief.as_str()));
        for (key, brief) in spans.into_iter().filter(|_| is_span).chain(declared) {
            let values = format!(
                "SELECT if(\"value\" = '', 'not recorded', \"value\") AS \"value\", sum(\"records\") AS \"records\" {} GROUP BY \
                 \"value\" ORDER BY \"records\" DESC LIMIT 20",
                of(key)
            );
            self.panel(key, brief, "barchart", 1, &values, WIDTH / 3);
        }
    }

    /// A row with a title; the panels after it begin at its left.
    fn begin(&mut self, title: &str, brief: &str) {
        self.wrap();
        let place = json!({"x": 0, "y": self.top, "w": WIDTH, "h": 1});
        let id = self.all.len() + 1;
        let title = format!("{title}: {brief}");
        self.all.push(json!({
            "type": "row", "id": id, "title": title, "collapsed": false, "gridPos": place, "panels": [],
        }));
        self.top += 1;
    }

    /// `format` is the plugin's: 0 for a time series, 1 for a table.
    fn panel(&mut self, title: &str, description: &str, kind: &str, format: u8, sql: &str, width: usize) {
        if self.left + width > WIDTH {
            self.wrap();
        }
        let datasource = json!({"type": DATASOURCE, "uid": "${datasource}"});
        let query_type = if format == 0 { "timeseries" } else { "table" };
        self.all.push(json!({
            "type": kind,
            "id": self.all.len() + 1,
            "title": title,
            "description": description,
            "datasource": datasource,
            "gridPos": {"x": self.left, "y": self.top, "w": width, "h": HEIGHT},
            "targets": [{
                "refId": "A",
                "datasource": datasource,
                "editorType": "sql",
                "queryType": query_type,
                "format": format,
                "rawSql": sql,
            }],
            "fieldConfig": {"defaults": {"unit": "short", "min": 0}, "overrides": []},
            "options": {},
        }));
        self.left += width;
        if self.left >= WIDTH {
            self.wrap();
        }
    }

    fn wrap(&mut self) {
        if self.left > 0 {
            self.left = 0;
            self.top += HEIGHT;
        }
    }
}
