//! What an operator chooses: the Collector's role, and the options of the configuration.

/// The role of a Collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CollectorKind {
    /// From programs into files.
    Gateway,
    /// From programs on this machine to Jaeger, and events into a file: the records that a gateway would keep, without
    /// its delay.
    Debug,
    /// From programs to Kafka, with a queue on disk.
    EdgeKafka,
    /// From Kafka into files; any number of these share the work.
    GatewayKafka,
}

impl CollectorKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Gateway, Self::Debug, Self::EdgeKafka, Self::GatewayKafka];

    /// The value of `--kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Debug => "debug",
            Self::EdgeKafka => "edge-kafka",
            Self::GatewayKafka => "gateway-kafka",
        }
    }

    /// Whether it keeps records in files.
    pub(super) const fn keeps(self) -> bool {
        matches!(self, Self::Gateway | Self::GatewayKafka)
    }
}

/// Where the kept records also go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// Any backend that takes OTLP over HTTP.
    Otlp,
    /// ClickHouse, into the tables of the Collector's exporter: `scruple sql` writes views over them.
    Clickhouse,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 2] = [Self::Otlp, Self::Clickhouse];
}

/// How long records are kept if the registry does not say it as a duration, in days.
pub const RETENTION: u32 = 90;

/// The operator's choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The role of the Collector.
    pub kind: CollectorKind,
    /// The header, in lower case, with the sender's address, if the registry allows an address; `None` for the
    /// connection's.
    pub header: Option<String>,
    /// Where the kept records also go.
    pub backend: Option<Backend>,
    /// How long records are kept, in days.
    pub retention: u32,
}

impl Options {
    /// A Collector of this kind, without other options.
    pub const fn of(kind: CollectorKind) -> Self {
        Self { kind, header: None, backend: None, retention: RETENTION }
    }
}
