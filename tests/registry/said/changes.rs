//! Single changes, each made and taken back: which way it goes, and the sentence about it.

use super::{WORDS, edited, lines};

/// Takes lines out of the text and puts others in: the change that this is, and the one back.
#[track_caller]
fn check(&(gone, come, forth, back): &(&str, &str, &str, &str)) {
    let new = edited(WORDS, gone, come);
    assert_eq!(lines(WORDS, &new), [forth], "-{gone}\n+{come}");
    assert_eq!(lines(&new, WORDS), [back], "-{come}\n+{gone}");
}

#[test]
fn a_change_of_the_service_goes_its_way() {
    for row in [
        (
            r#"service controller "The example project, privacy@example.com""#,
            r#"service controller "Another""#,
            r#"wider: com.example.words is now answered for by "Another", before by "The example project, privacy@example.com""#,
            r#"wider: com.example.words is now answered for by "The example project, privacy@example.com", before by "Another""#,
        ),
        (
            r#"service endpoint "https://telemetry.example.com/otlp""#,
            r#"service endpoint "https://telemetry.example.com/v2""#,
            r#"other: com.example.words now sends to "https://telemetry.example.com/v2", before to "https://telemetry.example.com/otlp""#,
            r#"other: com.example.words now sends to "https://telemetry.example.com/otlp", before to "https://telemetry.example.com/v2""#,
        ),
        (
            r#"service endpoint "https://telemetry.example.com/otlp""#,
            r#"service endpoint "https://Telemetry.example.com/otlp/""#,
            r#"other: com.example.words now sends to "https://Telemetry.example.com/otlp/", before to "https://telemetry.example.com/otlp""#,
            r#"other: com.example.words now sends to "https://telemetry.example.com/otlp", before to "https://Telemetry.example.com/otlp/""#,
        ),
        (
            r#"service endpoint "https://telemetry.example.com/otlp""#,
            r#"service endpoint "https://telemetry.example.com:8443/otlp""#,
            r#"wider: com.example.words now sends to "https://telemetry.example.com:8443/otlp", before to "https://telemetry.example.com/otlp""#,
            r#"wider: com.example.words now sends to "https://telemetry.example.com/otlp", before to "https://telemetry.example.com:8443/otlp""#,
        ),
        (
            r#"service endpoint "https://telemetry.example.com/otlp""#,
            r#"service endpoint "http://localhost/otlp""#,
            r#"wider: com.example.words now sends to "http://localhost/otlp", before to "https://telemetry.example.com/otlp""#,
            r#"wider: com.example.words now sends to "https://telemetry.example.com/otlp", before to "http://localhost/otlp""#,
        ),
        (
            r#"service endpoint "https://telemetry.example.com/otlp""#,
            r#"service endpoint "telemetry.example.com/otlp""#,
            r#"wider: com.example.words now sends to "telemetry.example.com/otlp", before to "https://telemetry.example.com/otlp""#,
            r#"wider: com.example.words now sends to "https://telemetry.example.com/otlp", before to "telemetry.example.com/otlp""#,
        ),
        (
            "service rotate yearly",
            "service rotate never",
            "wider: com.example.words now keeps its hashes and ids for good, before for 365 days",
            "narrower: com.example.words now keeps its hashes and ids for 365 days, before for good",
        ),
        (
            "service rotate yearly",
            "service rotate monthly",
            "narrower: com.example.words now keeps its hashes and ids for 30 days, before for 365 days",
            "wider: com.example.words now keeps its hashes and ids for 365 days, before for 30 days",
        ),
        (
            "service rotate yearly",
            "service rotate daily",
            "narrower: com.example.words now keeps its hashes and ids for a day, before for 365 days",
            "wider: com.example.words now keeps its hashes and ids for 365 days, before for a day",
        ),
        (
            "service time second",
            "service time ns",
            "wider: com.example.words now tells times to the nanosecond, before to the second",
            "narrower: com.example.words now tells times to the second, before to the nanosecond",
        ),
        (
            r#"service name "words""#,
            r#"service name "wc""#,
            r#"other: com.example.words now calls itself "wc""#,
            r#"other: com.example.words now calls itself "words""#,
        ),
        (
            r#"schema_url "https://telemetry.example.com/schemas/words/1.0.0""#,
            r#"schema_url "https://telemetry.example.com/schemas/words/1.1.0""#,
            r#"other: com.example.words now has the schema URL "https://telemetry.example.com/schemas/words/1.1.0""#,
            r#"other: com.example.words now has the schema URL "https://telemetry.example.com/schemas/words/1.0.0""#,
        ),
        (
            "",
            r#"service link "https://example.com/privacy""#,
            r#"other: com.example.words now refers to "https://example.com/privacy""#,
            "other: com.example.words no longer has a link",
        ),
        (
            "",
            "service client_address three_octets",
            "wider: com.example.words now lets who receives it keep three octets of the IPv4 address that it comes from",
            "narrower: com.example.words no longer lets who receives it keep an address",
        ),
        (
            r#"service because "A word counter is used for years.""#,
            "",
            "other: com.example.words no longer gives a reason",
            r#"other: com.example.words now gives the reason "A word counter is used for years.""#,
        ),
        (
            r#"resource "session.id""#,
            "",
            "narrower: every record of com.example.words no longer carries session.id",
            "wider: every record of com.example.words now also carries session.id",
        ),
    ] {
        check(&row);
    }
}

#[test]
fn a_change_of_a_signal_goes_its_way() {
    for row in [
        (
            "event \"words.start\" brief \"It started.\"\nevent \"words.start\" time hour",
            "",
            "narrower: the event words.start is gone",
            "wider: the event words.start is new",
        ),
        (
            "",
            "span \"words.start\" brief \"It started.\"\nspan \"words.start\" kind server\nspan \"words.start\" time hour\n\
             span \"words.start\" attribute \"words.input\" opt_in\nspan \"words.start\" attribute \"words.size\" required",
            "wider: the span words.start is new, and carries words.input, words.size",
            "narrower: the span words.start is gone",
        ),
        (
            r#"event "words.read" attribute "words.size" required"#,
            "",
            "narrower: the event words.read no longer carries words.size",
            "wider: the event words.read now also carries words.size",
        ),
        (
            r#"event "words.read" attribute "words.input" opt_in"#,
            "",
            "narrower: the event words.read no longer carries words.input",
            "wider: the event words.read now also carries words.input if the program opts in",
        ),
        (
            r#"event "words.read" attribute "words.input" opt_in"#,
            r#"event "words.read" attribute "words.input" recommended"#,
            "wider: the event words.read now carries words.input, before only if the program opted in",
            "narrower: the event words.read now carries words.input only if the program opts in",
        ),
        (
            r#"event "words.read" attribute "words.input" opt_in"#,
            r#"event "words.read" attribute "words.input" required"#,
            "wider: the event words.read now carries words.input, before only if the program opted in",
            "narrower: the event words.read now carries words.input only if the program opts in",
        ),
        (
            r#"event "words.read" attribute "words.unit" recommended"#,
            r#"event "words.read" attribute "words.unit" required"#,
            "other: the event words.read now requires words.unit",
            "other: the event words.read no longer requires words.unit",
        ),
        (
            r#"event "words.read" time second"#,
            r#"event "words.read" time minute"#,
            "narrower: the event words.read now tells times to the minute, before to the second",
            "wider: the event words.read now tells times to the second, before to the minute",
        ),
        (
            r#"event "words.start" time hour"#,
            r#"event "words.start" time day"#,
            "narrower: the event words.start now tells times to the day, before to the hour",
            "wider: the event words.start now tells times to the hour, before to the day",
        ),
        (
            r#"span "words.run" time ms"#,
            r#"span "words.run" time ns"#,
            "wider: the span words.run now tells times to the nanosecond, before to the millisecond",
            "narrower: the span words.run now tells times to the millisecond, before to the nanosecond",
        ),
        (
            r#"event "words.read" at_most 100"#,
            r#"event "words.read" at_most 101"#,
            "wider: the event words.read is now reported at most 101 times by a process, before at most 100 times",
            "narrower: the event words.read is now reported at most 100 times by a process, before at most 101 times",
        ),
        (
            r#"event "words.read" at_most 100"#,
            "",
            "wider: the event words.read is now reported without limit by a process, before at most 100 times",
            "narrower: the event words.read is now reported at most 100 times by a process, before without limit",
        ),
        (
            "",
            r#"event "words.start" at_most 1"#,
            "narrower: the event words.start is now reported at most once by a process, before without limit",
            "wider: the event words.start is now reported without limit by a process, before at most once",
        ),
        (
            r#"span "words.run" kind internal"#,
            r#"span "words.run" kind client"#,
            "other: the span words.run is now of the kind client, before internal",
            "other: the span words.run is now of the kind internal, before client",
        ),
        (
            r#"event "words.start" brief "It started.""#,
            r#"event "words.start" brief "\u001bIt\u0000 began\u202e.""#,
            r#"other: the event words.start is now described as "\u{1b}It\0 began\u{202e}.""#,
            r#"other: the event words.start is now described as "It started.""#,
        ),
        (
            r#"span "words.run" because "Most runs are short.""#,
            r#"span "words.run" because "Runs are short.""#,
            r#"other: the span words.run now gives the reason "Runs are short.""#,
            r#"other: the span words.run now gives the reason "Most runs are short.""#,
        ),
    ] {
        let (gone, come, forth, back) = row;
        // In the text itself only what has to be escaped is.
        let come = come.replace(r"\u202e", "\u{202e}");
        check(&(gone, &come, forth, back));
    }
}

#[test]
fn a_change_of_an_attribute_goes_its_way() {
    for row in [
        (
            "",
            "attribute \"words.pages\" brief \"Pages.\"\nattribute \"words.pages\" from count\n\
             attribute \"words.pages\" max 9\nattribute \"words.pages\" type int",
            "wider: words.pages is new: a number",
            "narrower: words.pages is no longer declared",
        ),
        (
            r#"attribute "words.unit" member "line""#,
            "",
            r#"narrower: words.unit may no longer be "line""#,
            r#"wider: words.unit may now also be "line""#,
        ),
        (
            "",
            r#"attribute "words.flags" member "--pages""#,
            r#"wider: words.flags may now also be "--pages""#,
            r#"narrower: words.flags may no longer be "--pages""#,
        ),
        (
            "",
            r#"attribute "words.place" member "s3""#,
            r#"wider: words.place may now also be "s3""#,
            r#"narrower: words.place may no longer be "s3""#,
        ),
        (
            r#"attribute "words.agent" member "robot""#,
            "",
            r#"narrower: words.agent may no longer be "robot""#,
            r#"wider: words.agent may now also be "robot""#,
        ),
        (
            "",
            r#"attribute "os.type" member "windows""#,
            r#"wider: os.type may now also be "windows""#,
            r#"narrower: os.type may no longer be "windows""#,
        ),
        (
            r#"attribute "words.unit" otherwise "other""#,
            "",
            "narrower: words.unit is now withheld for every other value",
            r#"wider: words.unit is now "other" for every other value"#,
        ),
        (
            r#"attribute "words.unit" otherwise "other""#,
            r#"attribute "words.unit" otherwise "line \"\\\"""#,
            r#"wider: words.unit is now "line \"\\\"" for every other value"#,
            r#"wider: words.unit is now "other" for every other value"#,
        ),
        (
            "",
            r#"attribute "words.place" otherwise "file""#,
            r#"wider: words.place is now "file" for every other value"#,
            "narrower: words.place is now withheld for every other value",
        ),
        (
            r#"attribute "words.place" absent "none""#,
            "",
            "narrower: words.place is now withheld where there is no value",
            r#"wider: words.place is now "none" where there is no value"#,
        ),
        (
            r#"attribute "words.place" absent "none""#,
            r#"attribute "words.place" absent "file""#,
            r#"wider: words.place is now "file" where there is no value"#,
            r#"wider: words.place is now "none" where there is no value"#,
        ),
        (
            r#"attribute "words.size" below 256 "<256B""#,
            "",
            r#"narrower: words.size is now "<1KiB" below 1024, else ">=1KiB""#,
            r#"wider: words.size is now "<256B" below 256, "<1KiB" below 1024, else ">=1KiB""#,
        ),
        (
            "attribute \"words.size\" below 256 \"<256B\"\nattribute \"words.size\" below 1024 \"<1KiB\"",
            "",
            r#"narrower: words.size is now always ">=1KiB""#,
            r#"wider: words.size is now "<256B" below 256, "<1KiB" below 1024, else ">=1KiB""#,
        ),
        (
            r#"attribute "words.size" below 256 "<256B""#,
            r#"attribute "words.size" below 512 "<512B""#,
            r#"wider: words.size is now "<512B" below 512, "<1KiB" below 1024, else ">=1KiB""#,
            r#"wider: words.size is now "<256B" below 256, "<1KiB" below 1024, else ">=1KiB""#,
        ),
        (
            r#"attribute "words.size" below 256 "<256B""#,
            r#"attribute "words.size" below 256 "small""#,
            r#"other: words.size is now "small" below 256, "<1KiB" below 1024, else ">=1KiB""#,
            r#"other: words.size is now "<256B" below 256, "<1KiB" below 1024, else ">=1KiB""#,
        ),
        // A label that two buckets share does not tell them apart.
        (
            r#"attribute "words.size" rest ">=1KiB""#,
            r#"attribute "words.size" rest "<256B""#,
            r#"narrower: words.size is now "<256B" below 256, "<1KiB" below 1024, else "<256B""#,
            r#"wider: words.size is now "<256B" below 256, "<1KiB" below 1024, else ">=1KiB""#,
        ),
        (
            r#"attribute "words.count" max 5000"#,
            r#"attribute "words.count" max 5001"#,
            "wider: words.count may now be up to 5001, before up to 5000",
            "narrower: words.count may now be up to 5000, before up to 5001",
        ),
        (
            r#"attribute "words.license" normalize none"#,
            r#"attribute "words.license" normalize lower"#,
            "narrower: words.license is now hashed in lower case, before as it is",
            "wider: words.license is now hashed as it is, before in lower case",
        ),
        (
            r#"attribute "words.license" normalize none"#,
            r#"attribute "words.license" normalize upper"#,
            "narrower: words.license is now hashed in upper case, before as it is",
            "wider: words.license is now hashed as it is, before in upper case",
        ),
        (
            "attribute \"words.license\" from sha256\nattribute \"words.license\" normalize none",
            r#"attribute "words.license" from hash"#,
            "narrower: words.license is now a keyed hash, before a plain SHA-256",
            "wider: words.license is now a plain SHA-256, before a keyed hash",
        ),
        (
            r#"attribute "words.version" from version"#,
            r#"attribute "words.version" from hash"#,
            "wider: words.version is now a keyed hash, before a version",
            "wider: words.version is now a version, before a keyed hash",
        ),
        (
            "attribute \"words.count\" from count\nattribute \"words.count\" max 5000\nattribute \"words.count\" type int",
            "attribute \"words.count\" from boolean\nattribute \"words.count\" type boolean",
            "wider: words.count is now true or false, before a number",
            "wider: words.count is now a number, before true or false",
        ),
        (
            "attribute \"words.unit\" from enum\nattribute \"words.unit\" otherwise \"other\"",
            "attribute \"words.unit\" from agent",
            "wider: words.unit is now the coding agent that runs the program, before one of its values",
            "wider: words.unit is now one of its values, before the coding agent that runs the program",
        ),
        (
            "attribute \"os.type\" member \"darwin\"\nattribute \"os.type\" member \"linux\"\nattribute \"os.type\" type enum",
            "attribute \"os.type\" type string",
            "wider: os.type is now what the system is, before what the system is, as one of its values",
            "wider: os.type is now what the system is, as one of its values, before what the system is",
        ),
        (
            r#"attribute "session.id" from session"#,
            r#"attribute "session.id" from installation"#,
            "wider: session.id is now the id of an installation, before the id of a process",
            "wider: session.id is now the id of a process, before the id of an installation",
        ),
        (
            r#"attribute "words.count" field "files""#,
            "",
            "other: words.count is now recorded in the field words.count",
            "other: words.count is now recorded in the field files",
        ),
        (
            r#"attribute "words.file" brief "Where it panicked.""#,
            r#"attribute "words.file" brief "Where it fell.""#,
            r#"other: words.file is now described as "Where it fell.""#,
            r#"other: words.file is now described as "Where it panicked.""#,
        ),
        (
            r#"attribute "words.count" because "Archives are counted too.""#,
            "",
            "other: words.count no longer gives a reason",
            r#"other: words.count now gives the reason "Archives are counted too.""#,
        ),
    ] {
        check(&row);
    }
    // Both know upper and lower case only: neither says more than the other.
    let lower =
        edited(WORDS, r#"attribute "words.license" normalize none"#, r#"attribute "words.license" normalize lower"#);
    let upper =
        edited(WORDS, r#"attribute "words.license" normalize none"#, r#"attribute "words.license" normalize upper"#);
    assert_eq!(lines(&lower, &upper), ["other: words.license is now hashed in upper case, before in lower case"]);
}

#[test]
fn what_is_wider_comes_first() {
    let new = edited(
        WORDS,
        "event \"words.start\" brief \"It started.\"\nevent \"words.start\" time hour\nservice name \"words\"\n\
         attribute \"words.unit\" member \"line\"",
        "attribute \"words.unit\" member \"page\"\nevent \"words.read\" attribute \"words.count\" recommended\n\
         attribute \"words.unit\" member \"char\"\nservice name \"wc\"",
    );
    assert_eq!(
        lines(WORDS, &new),
        [
            "wider: the event words.read now also carries words.count",
            r#"wider: words.unit may now also be "char""#,
            r#"wider: words.unit may now also be "page""#,
            "narrower: the event words.start is gone",
            r#"narrower: words.unit may no longer be "line""#,
            r#"other: com.example.words now calls itself "wc""#,
        ]
    );
}
