//! Whom `forward` believes: the authorities that were compiled in, or the author's own, and no others.

use crate::support::{RECORDS, REGISTRY, rehearsal, send};
use scruple::consent::Reason;
use scruple::{Forward, LossReason};
use scruple_fixtures::{LONG, grpc, http, tls::authority, trials};

trials! {
    the_authors_own_authority_is_trusted,
    an_unknown_authority_is_not_trusted,
    a_text_without_a_certificate_turns_telemetry_off,
}

/// What arrives at a server under one certificate from a program that trusts another, or the compiled-in ones.
fn check(trusted: impl Fn(&str) -> Option<String>, sent: u64, lost: &[(LossReason, u64)]) {
    let (pem, tls) = authority(b"http/1.1");
    let http = http::Server::with(http::Answer::Bytes(http::answer("200 OK", "", b"")), Some(tls));
    let arrived = |forward: Forward, pem: &str, url: &str| {
        let forward = match trusted(pem) {
            Some(pem) => forward.certificate(pem),
            None => forward,
        };
        let deliveries = send(url, forward, |builder| builder.shutdown_timeout(LONG));
        assert_eq!((deliveries.sent(), deliveries.iter().collect::<Vec<_>>().as_slice()), (sent, lost));
    };
    arrived(Forward::http(), &pem, &http.url);
    let (pem, tls) = authority(b"h2");
    let grpc = grpc::GrpcServer::with(vec![grpc::ok(b"")], Some(tls));
    arrived(Forward::grpc(), &pem, &grpc.url);
    let requests = http.take().len() + grpc.take().len();
    assert_eq!(requests, if sent > 0 { 4 } else { 0 });
}

fn the_authors_own_authority_is_trusted() {
    check(|pem| Some(pem.to_owned()), RECORDS, &[]);
}

fn an_unknown_authority_is_not_trusted() {
    check(|_| None, 0, &[(LossReason::Unreachable, RECORDS)]);
    check(|_| Some(authority(b"h2").0), 0, &[(LossReason::Unreachable, RECORDS)]);
}

fn a_text_without_a_certificate_turns_telemetry_off() {
    for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"] {
        for forward in [Forward::http(), Forward::grpc()] {
            let builder = scruple::start(&REGISTRY).rehearsal(rehearsal()).endpoint("https://localhost");
            let telemetry = builder.export(forward.certificate(text)).build();
            assert_eq!(telemetry.decision().reason, Reason::NoExporter, "{text}");
        }
    }
}
