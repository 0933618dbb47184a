use scruple::encode::{Encoder, Format};
use scruple::privacy::{Clean, Record, Sink};
use scruple::registry::*;
use scruple::testing::Rehearsal;
use std::sync::{Arc, Mutex};
use tracing::{Level, event, info_span};
use tracing_subscriber::prelude::*;

static R: Registry<'static> = Registry {
    schema_url: "https://x/1.0.0",
    service: Service {
        app_id: "com.example.x",
        name: "x",
        version: "1.0.0",
        controller: "c",
        endpoint: "https://x.example.com",
        rotate: Rotation::Monthly,
        time: Grain::Second,
    },
    attributes: &[
        Attribute { key: "x.count", field: "x.count", brief: "", treatment: Treatment::Count { max: 10 } },
        Attribute { key: "x.hash", field: "x.hash", brief: "", treatment: Treatment::Hash },
        Attribute {
            key: "x.names",
            field: "x.names",
            brief: "",
            treatment: Treatment::Names { members: &["a", "b\"q"] },
        },
    ],
    resource: &[],
    spans: &[Signal {
        name: "x.run",
        brief: "",
        kind: SpanKind::Internal,
        attributes: &[
            Use { attribute: 0, level: Level_::Required },
            Use { attribute: 1, level: Level_::Recommended },
            Use { attribute: 2, level: Level_::Recommended },
        ],
        time: Grain::Second,
        at_most: 5,
    }],
    events: &[Signal {
        name: "x.did",
        brief: "",
        kind: SpanKind::Internal,
        attributes: &[Use { attribute: 0, level: Level_::Required }],
        time: Grain::Second,
        at_most: u32::MAX,
    }],
    text: "",
};
use scruple::registry::Level as Level_;
#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<Clean<Record>>>>);
impl Sink for Keep {
    fn accept(&self, r: &Clean<Record>) {
        self.0.lock().unwrap().push(r.clone());
    }
}

#[test]
fn smoke() {
    let keep = Keep::default();
    let t = scruple::start(&R).rehearsal(Rehearsal::new()).sink(keep.clone()).build();
    let sub = tracing_subscriber::registry().with(t.layer());
    tracing::subscriber::with_default(sub, || {
        let s = info_span!("x.run", x.count = 3u64, x.hash = "secret", secret = "no", x.names = tracing::field::Empty);
        let _e = s.enter();
        s.record("x.names", tracing::field::debug(&["b\"q", "zz", "a"]));
        info_span!("undeclared").in_scope(|| event!(name: "x.did", Level::INFO, { x.count = -1 }));
    });
    let records = keep.0.lock().unwrap().clone();
    let _ = (records.len(), Format::Json);
    println!("{:?}", t.withheld().iter().collect::<Vec<_>>());
    assert_eq!(records.len(), 2);
    let _ = Encoder::new;
}
