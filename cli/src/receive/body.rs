//! Reads a request's body up to the limit, decompresses it up to the limit, and checks that it can be decoded.

use std::io::Read;

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use scruple::check::Format;
use scruple::registry::SignalKind;
use tonic::body::Body;

use super::arrival::{MAX_BYTES, RefusalReason};

/// How many bytes of an oversized body are still read: a sender reads the answer only after it has sent its body.
const DRAINED: usize = 16 * MAX_BYTES;

/// Reads a body of at most [`MAX_BYTES`].
pub(super) async fn read(mut body: Body) -> Result<Bytes, RefusalReason> {
    let mut kept = BytesMut::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| RefusalReason::Unreadable)?.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= MAX_BYTES {
            kept.extend_from_slice(&data);
        } else if seen > DRAINED {
            break;
        }
    }
    if seen > MAX_BYTES { Err(RefusalReason::TooLarge) } else { Ok(kept.freeze()) }
}

/// Decompresses at most [`MAX_BYTES`].
pub(super) fn gunzip(bytes: &[u8]) -> Result<Bytes, RefusalReason> {
    let mut plain = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut plain).map_err(|_| RefusalReason::Unreadable)?;
    if plain.len() > MAX_BYTES { Err(RefusalReason::TooLarge) } else { Ok(plain.into()) }
}

/// Checks that the bytes are an OTLP request of this kind.
pub(super) fn decode(signal: SignalKind, format: Format, bytes: &[u8]) -> Result<(), RefusalReason> {
    let decoded = match (signal, format) {
        (SignalKind::Span, Format::Protobuf) => protobuf::<ExportTraceServiceRequest>(bytes),
        (SignalKind::Event, Format::Protobuf) => protobuf::<ExportLogsServiceRequest>(bytes),
        (SignalKind::Span, Format::Json) => {
            serde_json::from_slice(bytes).map(|_: ExportTraceServiceRequest| ()).map_err(|e| e.to_string())
        }
        (SignalKind::Event, Format::Json) => {
            serde_json::from_slice(bytes).map(|_: ExportLogsServiceRequest| ()).map_err(|e| e.to_string())
        }
    };
    decoded.map_err(RefusalReason::Undecodable)
}

fn protobuf<M: Message + Default>(bytes: &[u8]) -> Result<(), String> {
    M::decode(bytes).map(|_| ()).map_err(|error| error.to_string())
}
