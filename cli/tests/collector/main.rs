//! A Collector with a written configuration lets through what is declared, and nothing else.

/// The sender's address: absent unless declared, and never whole.
mod address;
/// What the gate and a Collector let through agree, value by value, for registries of every shape.
mod agreement;
/// Collectors, Jaeger and receivers as processes, and registries and programs to send through them.
#[path = "../components/mod.rs"]
mod components;
/// What is declared passes written configurations whole, for registries of every shape.
mod configured;
/// What the program sends passes a real Collector whole, and nothing else passes.
mod gateway;
/// A real Jaeger lists the program's spans with every declared value.
mod jaeger;
/// Collectors on both sides of a real Kafka.
mod kafka;
/// The records of random programs pass a Collector whole.
mod programs;
/// What is published of the demo's records.
mod published;
/// The example's server under load, with receivers that are up, slow, down and restarted.
// It is told to end by a signal.
#[cfg(unix)]
mod server;
/// Where a way in can stand in a program's subscriber.
#[path = "../../../tests/support/stacks.rs"]
#[expect(dead_code, reason = "the programs use a part of it")]
mod stacks;
/// Two versions of one program at a Collector that knows one or both.
mod versions;
/// The configurations in collector-config are written from the demo's registry, and known when they are out of date.
mod written;
