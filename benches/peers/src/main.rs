//! A program that makes one span, with one of two kinds of telemetry or without any.

#[cfg_attr(feature = "scruple", path = "scruple.rs")]
#[cfg_attr(feature = "bare", path = "bare.rs")]
mod none;

fn main() {
    none::telemetry(|| {
        tracing::info_span!("size.run", size.ok = true).in_scope(|| std::hint::black_box(0));
    });
}
