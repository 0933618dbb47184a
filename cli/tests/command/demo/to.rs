//! The demo with an endpoint: the requests that arrive there, and the messages if the endpoint does not answer.

use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use scruple::check::{self, Seen};
use scruple_cli::demo::usage::REGISTRY;
use scruple_cli::receive::{Arrival, Ports, Receiver, Request};
use serde_json::Value;

use super::{Ended, demo, end};

/// A receiver, and its addresses by protocol.
pub fn receiver() -> (Receiver, [(&'static str, String); 2]) {
    let receiver = Receiver::start(Ports::ANY).unwrap();
    let to = [("http", format!("http://{}", receiver.http_addr)), ("grpc", format!("http://{}", receiver.grpc_addr))];
    (receiver, to)
}

/// The requests that have arrived; none may have been refused.
pub fn arrived(receiver: &Receiver) -> Vec<Request> {
    let accepted = |arrival| match arrival {
        Arrival::Request(request) => request,
        Arrival::Refusal(refusal) => panic!("{}", refusal.why),
    };
    receiver.arrivals.try_iter().map(accepted).collect()
}

fn records(requests: &[Request]) -> Vec<Seen> {
    requests.iter().flat_map(|request| check::read(request.signal, request.format, &request.bytes).0).collect()
}

/// Sends to this address; expects exit code 1, and this text.
fn check(to: &str, protocol: &str, words: &str) {
    let run = end(&mut demo(&["--to", to, "--protocol", protocol]));
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    for words in ["Not clean:", "10 records not delivered", words, &format!("listening at {to}")] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let json = end(&mut demo(&["--to", to, "--protocol", protocol, "--json"])).json();
    assert_eq!((&json["verdict"], &json["deliveries"]["sent"]), (&"not clean".into(), &0.into()));
}

/// Sends over each protocol and through each door, and looks at the run and at what has arrived.
fn in_each_way(option: &str, look: impl Fn(Ended, &Receiver)) {
    let (receiver, to) = receiver();
    for (protocol, to) in &to {
        for door in ["layer", "sdk"] {
            let run = end(&mut demo(&["--to", to, "--protocol", protocol, "--door", door, option]));
            assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
            look(run, &receiver);
        }
    }
}

#[test]
fn all_shown_records_arrive_and_are_declared() {
    in_each_way("--json", |run, receiver| {
        let requests = arrived(receiver);
        for request in &requests {
            assert_eq!(check::check(&[REGISTRY], request.signal, request.format, &request.bytes), []);
        }
        let mut found: Vec<(String, Vec<(String, String)>)> =
            records(&requests).into_iter().map(|seen| (seen.name, seen.attributes)).collect();
        let shown = run.json();
        let shown = shown["records"].as_array().unwrap().iter().filter(|record| record["left"] == true);
        let mut shown: Vec<_> = shown
            .map(|record| {
                let fields = record["fields"].as_array().unwrap().iter();
                let fields = fields.filter(|field| field["left"].is_string() && field["name"] != "otel.status_code");
                let text = |field: &Value, of: &str| field[of].as_str().unwrap().to_owned();
                let mut fields: Vec<_> = fields.map(|field| (text(field, "name"), text(field, "left"))).collect();
                fields.sort();
                (record["name"].as_str().unwrap().to_owned(), fields)
            })
            .collect();
        found.iter_mut().for_each(|(_, fields)| fields.sort());
        found.sort();
        shown.sort();
        assert_eq!(found, shown);
    });
}

// No process of Windows sends Ctrl-C to one other.
#[cfg(unix)]
#[test]
fn a_separate_receiver_process_reports_the_same() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let mut receive = Command::new(env!("CARGO_BIN_EXE_scruple"))
        .args(["receive", "--json", "--grpc-port", "0", "--http-port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(receive.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let listening: Value = serde_json::from_str(&line).unwrap();
    for protocol in ["http", "grpc"] {
        for door in ["layer", "sdk"] {
            let to = format!("http://{}", listening[protocol].as_str().unwrap());
            let run = end(&mut demo(&["--to", &to, "--protocol", protocol, "--door", door]));
            assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
        }
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&receive), rustix::process::Signal::INT).unwrap();
    let last = out.lines().map(Result::unwrap).last().unwrap();
    let last: Value = serde_json::from_str(&last).unwrap();
    let counts = ["records", "findings", "refusals"].map(|count| last[count].as_u64());
    assert_eq!(counts, [Some(40), Some(0), Some(0)], "{last}");
    assert_eq!(receive.wait().unwrap().code(), Some(0));
}

#[test]
fn only_buckets_of_a_data_set_arrive() {
    let canaries = ["Meadowsweet", "Larkspur", "Delphinium", "Hollyhock", "Foxglove", "271828.1828", "Periwinkle"];
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("Periwinkle");
    std::fs::create_dir(&folder).unwrap();
    let rows: String =
        (0..20).map(|row| format!("271828.1828,{row},{}\n", ["Hollyhock", "Foxglove"][row % 2])).collect();
    let path = folder.join("Meadowsweet.csv");
    std::fs::write(&path, format!("Larkspur,Delphinium,kind\n{rows}")).unwrap();
    let (receiver, to) = receiver();
    for (protocol, to) in &to {
        for door in ["layer", "sdk"] {
            let mut command = demo(&["--to", to, "--protocol", protocol, "--door", door, "--label", "kind"]);
            let run = end(command.arg("--dataset").arg(&path));
            assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
            assert!(run.out.contains("Meadows"), "the control: it was recorded");
            let requests = arrived(&receiver);
            assert_eq!(records(&requests).len(), 10);
            for canary in canaries {
                for form in forms(canary) {
                    for request in &requests {
                        let found = request.bytes.windows(form.len()).any(|window| window == form.as_bytes());
                        assert!(!found, "{canary} as {form}");
                        assert!(!request.head.headers.iter().any(|(_, value)| value.contains(&form)), "{canary}");
                    }
                }
            }
        }
    }
}

/// A text raw, in hexadecimal, and in base64 at each offset.
fn forms(text: &str) -> Vec<String> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![text.to_owned(), hex.to_uppercase(), hex];
    for skip in 0..3 {
        let whole = &text.as_bytes()[skip..];
        let whole = &whole[..whole.len() / 3 * 3];
        forms.extend([STANDARD_NO_PAD.encode(whole), URL_SAFE_NO_PAD.encode(whole)]);
    }
    forms
}

#[test]
fn a_failed_run_sends_nothing() {
    let (receiver, to) = receiver();
    for (protocol, to) in &to {
        let run = end(&mut demo(&["--to", to, "--protocol", protocol, "--label", "weight"]));
        assert_eq!(run.code, Some(2), "{}{}", run.out, run.err);
    }
    assert_eq!(arrived(&receiver).len(), 0);
}

#[test]
fn a_refused_connection_is_reported_with_a_remedy() {
    // Nothing listens on tcpmux's port; another test may have taken a port that was free a moment ago.
    for protocol in ["http", "grpc"] {
        check("http://127.0.0.1:1", protocol, "10 records: no connection");
    }
}

#[test]
fn a_silent_endpoint_does_not_block_the_demo() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}", listener.local_addr().unwrap());
    for protocol in ["http", "grpc"] {
        check(&to, protocol, "no answer");
    }
}

/// A receiver that accepts only traces, as Jaeger does.
fn jaeger() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let to = format!("http://{}", listener.local_addr().unwrap());
    let traces = axum::Router::new().route("/v1/traces", axum::routing::post(|_: axum::body::Bytes| async {}));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, traces).await.unwrap();
        });
    });
    to
}

#[test]
fn a_receiver_for_spans_only_gets_the_events_on_the_spans() {
    let to = jaeger();
    for door in ["layer", "sdk"] {
        let alone = end(&mut demo(&["--to", &to, "--door", door]));
        assert_eq!(alone.code, Some(1), "{}{}", alone.out, alone.err);
        assert!(alone.out.contains("4 records not delivered"), "{}", alone.out);
        assert!(alone.out.contains("--span-events"), "{}", alone.out);
        let both = end(&mut demo(&["--to", &to, "--door", door, "--span-events"]));
        assert_eq!(both.code, Some(0), "{}{}", both.out, both.err);
        assert!(both.out.contains("still has on their spans"), "{}", both.out);
    }
}

#[test]
fn events_on_spans_arrive_on_their_spans() {
    in_each_way("--span-events", |_, receiver| {
        let seen = records(&arrived(receiver));
        let mut events: Vec<_> = seen.iter().flat_map(|seen| &seen.events).map(|event| event.name.as_str()).collect();
        events.sort_unstable();
        assert_eq!(events, ["demo.crash", "demo.crash", "demo.dataset.loaded", "demo.profile.saved"]);
    });
}
