//! What is around the cleaning: where records come from, what bounds them, what joins them, and where they go.

use scruple::registry::Registry;

use super::address::Address;
use super::yaml::Yaml;
use super::{Kind, Options};

/// The largest request and Kafka message, in bytes, and the same in MiB.
const REQUEST: u32 = 1_048_576;
const REQUEST_MIB: u32 = REQUEST >> 20;

/// The largest share of a batch that goes into one Kafka message: under a broker's own default of 1 MiB.
const MESSAGE: u32 = 900_000;

/// What the file is for, and what it can't do.
pub fn head(yaml: &mut Yaml, registry: &Registry<'_>, options: &Options, variables: &[(&str, &str)]) {
    let kind = options.kind;
    let app = registry.service.app_id;
    yaml.comment(match kind {
        Kind::Gateway => "The Collector at the receiving end, as a second line: keeps what the registry declares.",
        Kind::Debug => {
            "Between programs and Jaeger on the same machine, for debugging: shows what a gateway would keep."
        }
        Kind::EdgeKafka => "The Collector at the edge: cleans what programs send, and writes it to Kafka.",
        Kind::GatewayKafka => "A Collector behind Kafka: reads what the edge wrote, cleans it again, and keeps it.",
    });
    let name = kind.name();
    yaml.comment(&format!("Written by `scruple collector-config --kind {name}` for {app}; do not edit."));
    yaml.line("#");
    yaml.line(&format!("#   otelcol --config {name}.yaml"));
    yaml.line("#");
    yaml.comment(
        "Needs the Collector 0.161 or newer, with the parts that collector-config/otelcol.yaml names; the contrib \
         distribution has them all. Another file on the command line is laid over this one: maps are merged, lists are \
         replaced.",
    );
    let variables: Vec<_> = variables.iter().map(|(name, default)| format!("{name} ({default})")).collect();
    yaml.comment(&format!("The environment may say other places than these: {}.", variables.join(", ")));
    yaml.line("#");
    yaml.comment(
        "The program's own gate has withheld everything else already. This is for what comes from elsewhere: a changed or \
         broken program, another one, anybody who knows the address. Rules that every part keeps to:",
    );
    for rule in RULES {
        yaml.line(rule);
    }
    yaml.line("#");
    yaml.comment(
        "What it can't do: it sees form, not truth. A hash, a session id, a version or a place in the sources may be any text of that \
         form (the program's own gate alone knows its files and their lines), and a member may be the wrong one. It does not count how many records a process sends (`at_most`), has no limit on \
         requests per sender or at once, and ends no TLS: put a proxy in front that does, and that keeps no addresses. \
         What is no JSON at all is refused by the receiver with 400, or with 500 where its own words about it are no \
         UTF-8; neither asks to come again. No expression can reach `Resource.entityRefs`: the last processor drops them.",
    );
    match kind {
        Kind::EdgeKafka | Kind::GatewayKafka => {
            yaml.line("#");
            yaml.comment(
                "It scales out: any number of edge Collectors write, and any number of gateway Collectors in one consumer \
                 group share the topics' partitions: make the topics first, with as many partitions as there may be \
                 gateways. Ids are hashed at both, and link the same records as they did. What \
                 the edge wrote arrives at least once: after a gateway was killed, some records twice. The way to the \
                 broker is plain text here; lay a file over this one with `tls` and `auth` (README of the Kafka \
                 components).",
            );
        }
        Kind::Gateway | Kind::Debug => {}
    }
}

const RULES: [&str; 7] = [
    "#   - rebuild, never delete: declared values are put into a cache, then the cache replaces the attributes. So nothing",
    "#     rides along as a second value of a key, nested in one, or of another type;",
    "#   - a group of statements for each context: a flat list with span and span event paths would skip spans without events;",
    "#   - members are compared with ==, and what is written is the member in this file, not what was received;",
    "#   - only functions that can't fail, behind a check of the type: under `propagate` a failure is answered with 503, which",
    "#     clients repeat for ever, and prints the value into the Collector's log; under `ignore` it would let the value pass;",
    "#   - every $ of an expression is doubled, because the Collector expands single ones.",
];

/// Where records come from.
pub fn receivers(yaml: &mut Yaml, kind: Kind, address: Option<&Address>) {
    if kind == Kind::GatewayKafka {
        return kafka_receiver(yaml);
    }
    // Debugging is for this machine only.
    let host = if kind == Kind::Debug { "127.0.0.1" } else { "${env:SCRUPLE_LISTEN_HOST:-127.0.0.1}" };
    let headers = matches!(address, Some(Address::Header(_)));
    yaml.block("otlp:", |yaml| {
        yaml.block("protocols:", |yaml| {
            yaml.comment(
                "One request is at most 1 MiB, also after decompression. Metrics and profiles have no pipeline here: 404.",
            );
            yaml.block("grpc:", |yaml| {
                yaml.line(&format!("endpoint: {host}:${{env:SCRUPLE_GRPC_PORT:-4317}}"));
                yaml.line(&format!("max_recv_msg_size_mib: {REQUEST_MIB}"));
                yaml.line("max_concurrent_streams: 100");
                if headers {
                    yaml.line("include_metadata: true");
                }
            });
            yaml.block("http:", |yaml| {
                yaml.line(&format!("endpoint: {host}:${{env:SCRUPLE_HTTP_PORT:-4318}}"));
                yaml.line(&format!("max_request_body_size: {REQUEST}"));
                yaml.lines("read_timeout: 10s\nwrite_timeout: 10s");
                if headers {
                    yaml.line("include_metadata: true");
                }
            });
            yaml.comment(match address {
                None => "`include_metadata` stays off: no header and no address of a client enters a record.",
                Some(Address::Header(_)) => {
                    "`include_metadata` is on for one header, which a proxy in front has to write over."
                }
                Some(_) => {
                    "`include_metadata` stays off: no header enters a record. Of the connection's address three octets do."
                }
            });
        });
    });
}

fn kafka_receiver(yaml: &mut Yaml) {
    yaml.block("kafka:", |yaml| {
        brokers(yaml, "scruple-gateway");
        yaml.lines("group_id: ${env:SCRUPLE_GROUP:-usage}\ninitial_offset: earliest");
        for (signal, topic) in TOPICS {
            yaml.block(&format!("{signal}:"), |yaml| {
                yaml.line(&format!("topics: [\"{topic}\"]"));
                yaml.line("encoding: otlp_proto");
            });
        }
        yaml.comment(
            "A message counts as read when it is in the file: what a killed gateway had not written is read again. One \
             that is no OTLP is skipped, and would else stop its partition for ever; one that is refused under pressure \
             is tried again.",
        );
        yaml.block("message_marking:", |yaml| yaml.lines("after: true\non_error: false\non_permanent_error: true"));
        yaml.block("autocommit:", |yaml| yaml.lines("enable: true\ninterval: 1s"));
        yaml.block("error_backoff:", |yaml| {
            yaml.lines("enabled: true\ninitial_interval: 1s\nmax_interval: 30s\nmax_elapsed_time: 0s");
        });
    });
}

/// The signals and their topics.
const TOPICS: [(&str, &str); 2] =
    [("traces", "${env:SCRUPLE_TOPIC:-usage}_spans"), ("logs", "${env:SCRUPLE_TOPIC:-usage}_logs")];

fn brokers(yaml: &mut Yaml, client: &str) {
    yaml.line("brokers: [\"${env:SCRUPLE_KAFKA:-127.0.0.1:9092}\"]");
    yaml.line(&format!("client_id: {client}"));
}

/// What bounds memory.
pub fn memory(yaml: &mut Yaml) {
    yaml.comment(
        "First: under pressure requests are refused, with an answer that asks to come again. A request is decoded before \
         that, and a kilobyte that was made for it (gzip) takes over 100 MiB then: let the proxy in front bound how many \
         are open at once.",
    );
    yaml.block("memory_limiter:", |yaml| yaml.lines("check_interval: 1s\nlimit_mib: 256\nspike_limit_mib: 64"));
}

/// What joins requests before anything stores them.
pub fn joining(yaml: &mut Yaml, kind: Kind) {
    match kind {
        Kind::Gateway | Kind::EdgeKafka => {
            yaml.comment(
                "A store that keeps requests keeps who sent them together, so requests are joined first. What is accepted \
                 and not yet written when the Collector is killed is lost: five seconds of it.",
            );
            yaml.block("batch:", |yaml| {
                yaml.lines("timeout: 5s\nsend_batch_size: 4096\nsend_batch_max_size: 8192");
            });
            yaml.line("");
        }
        Kind::Debug => {
            yaml.comment("Joined as a gateway joins them, but at once.");
            yaml.block("batch:", |yaml| yaml.line("timeout: 200ms"));
            yaml.line("");
        }
        // The edge has joined them. Here a batch in memory would count as read, and be lost when the gateway is killed.
        Kind::GatewayKafka => {}
    }
    yaml.comment(
        "Without keys it joins resources whose attributes are equal, in an envelope that it makes anew. So it also drops \
         what no statement can reach: `Resource.entityRefs`, which hold text and would be stored as they were sent.",
    );
    yaml.line("groupbyattrs:");
}

/// Where records go.
pub fn exporters(yaml: &mut Yaml, options: &Options) {
    match options.kind {
        Kind::Gateway | Kind::GatewayKafka => {
            yaml.comment(
                "OTLP JSON, one line a batch. Rotated files are deleted after 90 days, and beyond 100 of them: say your \
                 own time to the people it is about. A file for each signal, as the specification of the format wants; \
                 one that two pipelines share is closed with the first of them, and the other's last batch then crashes \
                 the Collector.",
            );
            if options.kind == Kind::GatewayKafka {
                yaml.comment(
                    "With rotation each line is written at once: without, it would wait in memory for a second.",
                );
            }
            for signal in ["traces", "logs"] {
                file(yaml, signal);
            }
            if options.backend {
                backend(yaml);
            }
        }
        Kind::Debug => {
            yaml.comment("Where jaeger-server.yaml listens.");
            yaml.block("otlp_http/jaeger:", |yaml| {
                yaml.line("endpoint: http://127.0.0.1:${env:SCRUPLE_JAEGER_PORT:-14318}");
                yaml.block("tls:", |yaml| yaml.line("insecure: true"));
            });
            yaml.comment("The events, which Jaeger has no place for: OTLP JSON, one line a batch, anew at each start.");
            yaml.block("file/logs:", |yaml| yaml.line("path: ${env:SCRUPLE_FOLDER:-.}/logs.jsonl"));
        }
        Kind::EdgeKafka => kafka_exporter(yaml),
    }
}

fn file(yaml: &mut Yaml, signal: &str) {
    yaml.block(&format!("file/{signal}:"), |yaml| {
        yaml.line(&format!("path: ${{env:SCRUPLE_FOLDER:-.}}/{signal}.jsonl"));
        yaml.block("rotation:", |yaml| yaml.lines("max_megabytes: 100\nmax_days: 90\nmax_backups: 100"));
    });
}

fn backend(yaml: &mut Yaml) {
    yaml.comment(
        "What is kept also goes to a backend. What waits for it is on disk and outlives the Collector; beyond 1,000 \
         batches it is dropped, and the files have it.",
    );
    yaml.block("otlp_http/backend:", |yaml| {
        yaml.lines("endpoint: ${env:SCRUPLE_BACKEND:-http://127.0.0.1:14318}\ntimeout: 10s");
        yaml.block("retry_on_failure:", |yaml| yaml.line("max_elapsed_time: 0s"));
        yaml.block("sending_queue:", |yaml| yaml.lines("storage: file_storage/queue\nqueue_size: 1000"));
    });
}

fn kafka_exporter(yaml: &mut Yaml) {
    yaml.block("kafka:", |yaml| {
        brokers(yaml, "scruple-edge");
        for (signal, topic) in TOPICS {
            yaml.block(&format!("{signal}:"), |yaml| {
                yaml.line(&format!("topic: \"{topic}\""));
                yaml.line("encoding: otlp_proto");
            });
        }
        yaml.line("timeout: 10s");
        yaml.block("retry_on_failure:", |yaml| yaml.line("max_elapsed_time: 0s"));
        yaml.comment(
            "What waits for the broker is on disk and outlives the Collector, cleaned and joined. Beyond 1,000 batches \
             it is dropped. A batch is cut so that each message stays under a broker's own limit.",
        );
        yaml.block("sending_queue:", |yaml| {
            yaml.lines("storage: file_storage/queue\nqueue_size: 1000");
            yaml.block("batch:", |yaml| {
                yaml.line("flush_timeout: 200ms");
                yaml.line("sizer: bytes");
                yaml.line("min_size: 0");
                yaml.line(&format!("max_size: {MESSAGE}"));
            });
        });
        yaml.comment("Messages go to each partition in turn: every gateway of a group gets its share.");
        yaml.block("record_partitioner:", |yaml| yaml.line("round_robin: {}"));
        yaml.comment("Written when every replica in step has it. No header of a request becomes one of a message.");
        yaml.block("producer:", |yaml| {
            yaml.lines("max_message_bytes: 1000000\nrequired_acks: -1\ncompression: zstd");
        });
    });
}

/// Whether something waits on disk.
fn queues(options: &Options) -> bool {
    options.backend || options.kind == Kind::EdgeKafka
}

/// What is beside the pipelines.
pub fn extensions(yaml: &mut Yaml, options: &Options) {
    yaml.comment("Answers GET / with 200 while the Collector runs.");
    yaml.block("health_check:", |yaml| {
        yaml.line("endpoint: ${env:SCRUPLE_HEALTH_HOST:-127.0.0.1}:${env:SCRUPLE_HEALTH_PORT:-13133}")
    });
    if queues(options) {
        yaml.comment("The queue's folder: it holds what is cleaned only.");
        yaml.block("file_storage/queue:", |yaml| {
            yaml.lines("directory: ${env:SCRUPLE_FOLDER:-.}/queue\ncreate_directory: true");
        });
    }
}

/// What is run.
pub fn service(yaml: &mut Yaml, options: &Options) {
    let extensions = if queues(options) { "health_check, file_storage/queue" } else { "health_check" };
    let receiver = if options.kind == Kind::GatewayKafka { "kafka" } else { "otlp" };
    let batch = if options.kind == Kind::GatewayKafka { "" } else { "batch, " };
    yaml.block("service:", |yaml| {
        yaml.line(&format!("extensions: [{extensions}]"));
        yaml.block("telemetry:", |yaml| {
            yaml.comment(
                "The Collector's log holds no records: no `debug` exporter here, and no expression that can fail. Its \
                 warnings repeat what a client says: the content type of a gRPC request, and headers.",
            );
            yaml.block("logs:", |yaml| yaml.line("level: error"));
            yaml.block("metrics:", |yaml| yaml.line("level: none"));
        });
        yaml.block("pipelines:", |yaml| {
            for signal in ["traces", "logs"] {
                let exporter = match (options.kind, signal) {
                    (Kind::EdgeKafka, _) => "kafka".to_owned(),
                    (Kind::Debug, "traces") => "otlp_http/jaeger".to_owned(),
                    _ if options.backend => format!("file/{signal}, otlp_http/backend"),
                    _ => format!("file/{signal}"),
                };
                yaml.block(&format!("{signal}:"), |yaml| {
                    yaml.line(&format!("receivers: [{receiver}]"));
                    yaml.line(&format!(
                        "processors: [memory_limiter, filter/usage, transform/usage, {batch}groupbyattrs]"
                    ));
                    yaml.line(&format!("exporters: [{exporter}]"));
                });
            }
        });
    });
}
