//! A page about telemetry on this machine: the decision, what waits, what was sent, what was withheld, and how to say no.
//!
//! One file of HTML, without a script, which loads nothing. Every text of it is escaped: registries and files hold what
//! others wrote.

mod html;

use super::render::{CarriedText, RecordText, Renderer, declared, timestamp};
use super::show::SIGNALS;
use super::status::{SourceStatus, Status};
use super::telemetry::Telemetry;
use super::uploader;
use crate::privacy::{Declarations, Record, Resource};
use crate::registry::count;
use crate::upload::waiting;
use html::{Html, Part, code, plain};
use std::collections::VecDeque;

pub use html::PAGE_STYLE;

/// The most records that a section shows, the last ones: a browser is slow with the 20,000 that a queue may hold.
const MAX_RECORDS: u64 = 1_000;

/// The sections: each with its anchor and its title.
const NO: (&str, &str) = ("no", "How to say no");
const DECISION: (&str, &str) = ("decision", "Whether it is on, and why");
const WAITING: (&str, &str) = ("waiting", "Waiting to be sent");
const SENT: (&str, &str) = ("sent", "Sent");
const WITHHELD: (&str, &str) = ("withheld", "Withheld");
const WHAT: (&str, &str) = ("what", "What it sends when it is on");

impl Telemetry {
    /// A page for a browser, in one file of HTML: the decision with the value of every source, the records that wait and
    /// those with receipts (of each the last 1,000), the numbers of withheld and lost records by reason, all data that
    /// the program can send, and how to say no. It has no script and loads nothing; making it sends nothing, makes no id
    /// and works while telemetry is off. Ids are shown as `session#1`.
    ///
    /// It holds the person's records: write it into a file that only the person can read.
    pub fn show_html(&self) -> String {
        let status = self.status();
        let mut html = Html::new(&format!("Usage telemetry of {} on this machine", status.name));
        html.markup("<p><strong>").text(status.headline()).markup("</strong></p>\n");
        let seconds = self.shared.settings.clock.now() / 1_000_000_000;
        html.paragraph(&[plain(format!(
            "Written at {}. This file loads nothing and sends nothing. It holds copies of records on this machine; ids and \
             hashes are shown as numbers, as in session#1.",
            timestamp(seconds)
        ))]);
        html.markup("<nav aria-label=\"Sections\"><ul>\n");
        for (anchor, title) in [NO, DECISION, WAITING, SENT, WITHHELD, WHAT] {
            html.markup("<li><a href=\"#").markup(anchor).markup("\">").markup(title).markup("</a></li>\n");
        }
        html.markup("</ul></nav>\n");
        let mut renderer = Renderer::default();
        self.no(&mut html, &status);
        decision(&mut html, &status);
        self.waiting(&mut html, &status, &mut renderer);
        self.sent(&mut html, &mut renderer);
        self.withheld(&mut html, &status);
        self.what(&mut html, &mut renderer);
        html.finish()
    }

    fn no(&self, html: &mut Html, status: &Status) {
        let settings = &self.shared.settings;
        html.section(NO);
        html.paragraph(&[plain(
            "Each of these is enough, and a yes does not override it. Off means that nothing is recorded.",
        )]);
        let mut ways = Vec::new();
        ways.extend(self.shared.place.iter().map(|place| vec![plain(format!("In the program: {place}"))]));
        if let Some(command) = &status.command {
            ways.push(vec![
                code(format!("{command} off")),
                plain(": for you, permanently. It deletes the unsent records, the ids, the secret and the receipts."),
            ]);
        }
        let ones = settings.opt_out.iter().copied().chain(["DO_NOT_TRACK"]).map(|name| format!("{name}=1"));
        let own = settings.telemetry.iter().map(|name| format!("{name}=0"));
        let mut variables = Vec::new();
        for variable in own.chain(ones).chain(["OTEL_SDK_DISABLED=true".to_owned()]) {
            variables.extend((!variables.is_empty()).then(|| plain(" or ")));
            variables.push(code(variable));
        }
        variables.push(plain(" in the environment: where it is set."));
        ways.push(variables);
        let mut everybody = vec![plain("For all users of this machine: "), code("telemetry = \"off\""), plain(" in ")];
        for (nth, place) in settings.organisation().iter().enumerate() {
            everybody.extend((nth > 0).then(|| plain(" or ")));
            everybody.push(code(place.to_string()));
        }
        ways.push(everybody);
        ways.push(vec![
            plain("For a project: "),
            code("telemetry = \"off\""),
            plain(" in "),
            code(".telemetry.toml"),
            plain(", in the working directory or above it, up to the repository's root."),
        ]);
        html.list(&ways);
        if let Some(command) = &status.command {
            html.paragraph(&[plain("To say yes: "), code(format!("{command} on")), plain(".")]);
        }
    }

    fn waiting(&self, html: &mut Html, status: &Status, renderer: &mut Renderer) {
        html.section(WAITING);
        let mut groups = RecordGroups::default();
        if let Ok(places) = self.shared.places() {
            let queue = self.shared.settings.queue();
            let allowed = self.shared.allowed();
            let sendable = Declarations { registries: &allowed, ..self.shared.declarations() };
            waiting(&places.state, &queue, &sendable, |resource, record| groups.add(renderer, resource, record));
        }
        groups.write(html, "No record waits in a finished file.");
        if let Some(amount) = status.waiting_elsewhere {
            html.paragraph(&[plain(format!(
                "{amount} for another receiver: not sent to this one, and deleted when too old."
            ))]);
        }
    }

    fn sent(&self, html: &mut Html, renderer: &mut Renderer) {
        html.section(SENT);
        let mut groups = RecordGroups::default();
        if let Ok(places) = self.shared.places() {
            uploader::sent(&places.state, &self.shared.declarations(), |resource, record| {
                groups.add(renderer, resource, record);
            });
        }
        html.paragraph(&[plain("The records with receipts, which are kept for 30 days, and up to 1 MiB.")]);
        groups.write(html, "There are no receipts of sent records.");
    }

    fn withheld(&self, html: &mut Html, status: &Status) {
        html.section(WITHHELD);
        html.paragraph(&[plain(
            "What the program recorded and its declarations do not allow, by reason, in all runs since the records were \
             last deleted. It was dropped before anything was stored: no such value is on this machine, and none was sent.",
        )]);
        let row = |(why, number): (String, u64)| vec![vec![plain(why)], vec![plain(number.to_string())]];
        let rows: Vec<_> = status.withheld.iter().map(|(why, times)| row((why.to_string(), *times))).collect();
        if rows.is_empty() {
            html.paragraph(&[plain("Nothing.")]);
        } else {
            html.table(&["Reason", "Times"], &rows);
        }
        if let Some(variable) = self.shared.settings.telemetry {
            html.paragraph(&[
                code(format!("{variable}=log")),
                plain(" in the environment prints the name of each withheld value with the reason, and sends nothing."),
            ]);
        }
        if !status.lost.is_empty() {
            html.markup("<h3>Lost</h3>\n");
            html.paragraph(&[plain("What was allowed, and was lost before it was sent.")]);
            let rows: Vec<_> = status.lost.iter().map(|(loss, number)| row((loss.to_string(), *number))).collect();
            html.table(&["Reason", "Number"], &rows);
        }
    }

    fn what(&self, html: &mut Html, renderer: &mut Renderer) {
        let settings = &self.shared.settings;
        html.section(WHAT);
        html.paragraph(&[plain(
            "All that the program declares: the names, and the values that each can have. Nothing else is ever sent.",
        )]);
        html.markup("<h3>With each record</h3>\n");
        let with_each = self.shared.with_each(renderer).into_iter();
        let rows: Vec<_> = with_each.map(|(key, value)| vec![vec![code(key)], vec![plain(value)]]).collect();
        html.table(&["Attribute", "Value"], &rows);
        let allowed = self.shared.allowed();
        let left_out = self.shared.left_out(&allowed);
        if !left_out.is_empty() {
            let names = left_out.join(", ");
            html.paragraph(&[
                plain("Declared, and not sent, since it is not agreed to or past its end: "),
                code(names),
            ]);
        }
        for registry in &allowed {
            for (kind, word) in SIGNALS {
                for signal in registry.signals(kind) {
                    html.markup("<h3>").parts(&[code(signal.name)]).markup(" (").markup(word).markup(")</h3>\n");
                    html.paragraph(&[plain(signal.brief)]);
                    let carried = declared(registry, kind, signal, &settings.opt_in).into_iter();
                    let row = |carried: CarriedText<'_>| {
                        vec![vec![code(carried.key)], vec![plain(carried.values)], vec![plain(carried.brief)]]
                    };
                    html.table(&["Name", "Possible values", "Meaning"], &carried.map(row).collect::<Vec<_>>());
                }
            }
        }
    }
}

fn decision(html: &mut Html, status: &Status) {
    html.section(DECISION);
    html.paragraph(&[plain("The sources are asked in this order; the first that decides wins.")]);
    let row = |source: &SourceStatus| {
        let no = source.is_no.then_some(Part::Strong("Says no: "));
        vec![vec![plain(&*source.name)], no.into_iter().chain([plain(&*source.value)]).collect()]
    };
    html.table(&["Source", "Value"], &status.sources.iter().map(row).collect::<Vec<_>>());
    if let Some(hint) = status.hint() {
        html.paragraph(&[plain(hint)]);
    }
    let facts = status.facts();
    let own = facts.iter().filter(|(name, _)| !["lost", "withheld"].contains(name));
    html.terms("<dl class=\"facts\">\n", own.map(|(name, value)| (*name, value.as_str())), plain);
}

/// The last records of a queue or of the receipts, together while their resource is the same.
#[derive(Default)]
struct RecordGroups {
    groups: VecDeque<RecordGroup>,
    shown: u64,
    all: u64,
}

struct RecordGroup {
    resource: Resource,
    /// The resource as it is shown.
    with_each: Vec<(&'static str, String)>,
    records: VecDeque<RecordText>,
}

impl RecordGroups {
    fn add(&mut self, renderer: &mut Renderer, resource: &Resource, record: &Record) {
        if self.groups.back().is_none_or(|group| group.resource != *resource) {
            let shown = resource.attributes().map(|(key, value)| (key, renderer.of_resource(key, value)));
            let with_each = shown.collect();
            self.groups.push_back(RecordGroup { resource: resource.clone(), with_each, records: VecDeque::new() });
        }
        let Some(last) = self.groups.back_mut() else { return };
        last.records.push_back(renderer.parts(record));
        (self.shown, self.all) = (self.shown + 1, self.all + 1);
        if self.shown > MAX_RECORDS
            && let Some(first) = self.groups.front_mut()
        {
            first.records.pop_front();
            self.shown -= 1;
            if first.records.is_empty() {
                self.groups.pop_front();
            }
        }
    }

    fn write(&self, html: &mut Html, nothing: &'static str) {
        if self.all == 0 {
            return html.paragraph(&[plain(nothing)]);
        }
        let last = if self.shown < self.all { format!("The last {} of ", self.shown) } else { String::new() };
        html.paragraph(&[plain(format!("{last}{}.", count(self.all, "record")))]);
        for RecordGroup { with_each, records, .. } in &self.groups {
            html.markup("<h3>").text(count(records.len() as u64, "record")).markup(", with each:</h3>\n");
            html.terms("<dl>\n", with_each.iter().map(|(key, value)| (*key, value.as_str())), code);
            html.markup("<ol class=\"records\">\n");
            for RecordText { name, place, attributes } in records {
                html.markup("<li><p>").parts(&[code(*name), plain(format!(" {place}"))]).markup("</p>\n");
                if !attributes.is_empty() {
                    html.terms("<dl>\n", attributes.iter().map(|(key, value)| (*key, value.as_str())), code);
                }
                html.markup("</li>\n");
            }
            html.markup("</ol>\n");
        }
    }
}
