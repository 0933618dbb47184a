-- Views over what a Collector has kept of com.example.scruple-demo.
-- Written by `scruple sql`; don't edit.
--
-- A unit is a session: one run of the program.
-- The view _counts leaves out cells of fewer than 20 units, but what it shows may still tell the rest by
-- subtraction: for you alone. What may be published comes from `scruple report`.

CREATE SCHEMA IF NOT EXISTS "scruple-demo";

CREATE OR REPLACE VIEW "scruple-demo"."_spans" AS
WITH lines AS (
    SELECT unnest(resourceSpans) AS line
    FROM read_json('/srv/usage/traces*.jsonl*', format = 'newline_delimited', maximum_object_size = 1073741824, columns = {
        resourceSpans: 'STRUCT(resource STRUCT("attributes" STRUCT("key" VARCHAR, "value" STRUCT(stringValue VARCHAR, intValue VARCHAR, boolValue BOOLEAN, arrayValue STRUCT("values" STRUCT(stringValue VARCHAR)[])))[]), scopeSpans STRUCT(spans STRUCT(traceId VARCHAR, spanId VARCHAR, "name" VARCHAR, startTimeUnixNano VARCHAR, endTimeUnixNano VARCHAR, status STRUCT(code INTEGER), "attributes" STRUCT("key" VARCHAR, "value" STRUCT(stringValue VARCHAR, intValue VARCHAR, boolValue BOOLEAN, arrayValue STRUCT("values" STRUCT(stringValue VARCHAR)[])))[])[])[])[]'})
),
scopes AS (SELECT line.resource."attributes" AS resource, unnest(line.scopeSpans) AS scope FROM lines),
records AS (SELECT resource, unnest(scope.spans) AS record FROM scopes)
SELECT make_timestamp_ns(CAST(record.startTimeUnixNano AS BIGINT)) AS "time", record."name" AS "name",
    CAST(record.endTimeUnixNano AS BIGINT) - CAST(record.startTimeUnixNano AS BIGINT) AS duration,
    coalesce(record.status.code, 0) AS status,
    record.traceId AS trace_id, record.spanId AS span_id, resource, record."attributes" AS "attributes"
FROM records;

CREATE OR REPLACE VIEW "scruple-demo"."_events" AS
WITH lines AS (
    SELECT unnest(resourceLogs) AS line
    FROM read_json('/srv/usage/logs*.jsonl*', format = 'newline_delimited', maximum_object_size = 1073741824, columns = {
        resourceLogs: 'STRUCT(resource STRUCT("attributes" STRUCT("key" VARCHAR, "value" STRUCT(stringValue VARCHAR, intValue VARCHAR, boolValue BOOLEAN, arrayValue STRUCT("values" STRUCT(stringValue VARCHAR)[])))[]), scopeLogs STRUCT(logRecords STRUCT(traceId VARCHAR, spanId VARCHAR, timeUnixNano VARCHAR, eventName VARCHAR, "attributes" STRUCT("key" VARCHAR, "value" STRUCT(stringValue VARCHAR, intValue VARCHAR, boolValue BOOLEAN, arrayValue STRUCT("values" STRUCT(stringValue VARCHAR)[])))[])[])[])[]'})
),
scopes AS (SELECT line.resource."attributes" AS resource, unnest(line.scopeLogs) AS scope FROM lines),
records AS (SELECT resource, unnest(scope.logRecords) AS record FROM scopes)
SELECT make_timestamp_ns(CAST(record.timeUnixNano AS BIGINT)) AS "time", record.eventName AS "name",
    record.traceId AS trace_id, record.spanId AS span_id, resource, record."attributes" AS "attributes"
FROM records;

-- One run of the program.
CREATE OR REPLACE VIEW "scruple-demo"."demo.command" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    duration AS "_duration_ns",
    ['unset', 'ok', 'error'][status + 1] AS "_status",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.argument.names')[1]."value".arrayValue."values", lambda v: v.stringValue) AS "demo.argument.names",
    list_filter("attributes", lambda a: a."key" = 'demo.label.chosen')[1]."value".boolValue AS "demo.label.chosen",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    CAST(list_filter("attributes", lambda a: a."key" = 'process.exit.code')[1]."value".intValue AS BIGINT) AS "process.exit.code",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_spans"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.command';

-- The program panicked. The message stays; only the line in its own source is told.
CREATE OR REPLACE VIEW "scruple-demo"."demo.crash" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.crash.location'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.crash.location",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.crash.stage'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.crash.stage",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_events"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.crash';

-- The data set was read whole, without a mistake in it.
CREATE OR REPLACE VIEW "scruple-demo"."demo.dataset.loaded" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    CAST(list_filter("attributes", lambda a: a."key" = 'demo.dataset.classes')[1]."value".intValue AS BIGINT) AS "demo.dataset.classes",
    CAST(list_filter("attributes", lambda a: a."key" = 'demo.dataset.columns')[1]."value".intValue AS BIGINT) AS "demo.dataset.columns",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.dataset.rows'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.dataset.rows",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.dataset.size'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.dataset.size",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_events"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.dataset.loaded';

-- The data set is read.
CREATE OR REPLACE VIEW "scruple-demo"."demo.load" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    duration AS "_duration_ns",
    ['unset', 'ok', 'error'][status + 1] AS "_status",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.dataset.format'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.dataset.format",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.dataset.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.dataset.name",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.dataset.source'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.dataset.source",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_spans"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.load';

-- The rows with a value far from the others of its column are counted.
CREATE OR REPLACE VIEW "scruple-demo"."demo.outliers" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    duration AS "_duration_ns",
    ['unset', 'ok', 'error'][status + 1] AS "_status",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.outliers.share'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.outliers.share",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_spans"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.outliers';

-- Each column of numbers is summed up by its quartiles.
CREATE OR REPLACE VIEW "scruple-demo"."demo.profile" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    duration AS "_duration_ns",
    ['unset', 'ok', 'error'][status + 1] AS "_status",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.dataset.rows'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.dataset.rows",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.library.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.library.version",
    CAST(list_filter("attributes", lambda a: a."key" = 'demo.profile.distinct')[1]."value".intValue AS BIGINT) AS "demo.profile.distinct",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_spans"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.profile';

-- The profile is complete, whether it is saved or not.
CREATE OR REPLACE VIEW "scruple-demo"."demo.profile.saved" AS
SELECT
    CAST(date_trunc('month', "time") AS DATE) AS "_period",
    "time" AS "_time",
    trace_id AS "_trace_id",
    span_id AS "_span_id",
    list_transform(list_filter("attributes", lambda a: a."key" = 'demo.result.scheme'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "demo.result.scheme",
    list_transform(list_filter(resource, lambda a: a."key" = 'host.arch'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "host.arch",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.type'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.type",
    list_transform(list_filter(resource, lambda a: a."key" = 'os.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "os.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'process.runtime.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "process.runtime.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.name",
    list_transform(list_filter(resource, lambda a: a."key" = 'service.version'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "service.version",
    list_transform(list_filter(resource, lambda a: a."key" = 'session.id'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] AS "session.id"
FROM "scruple-demo"."_events"
WHERE list_transform(list_filter(resource, lambda a: a."key" = 'service.name'), lambda a: coalesce(a."value".stringValue, a."value".intValue, CAST(a."value".boolValue AS VARCHAR), array_to_string(list_transform(a."value".arrayValue."values", lambda v: v.stringValue), ', ')))[1] IN ('scruple-demo') AND "name" = 'demo.profile.saved';

CREATE OR REPLACE VIEW "scruple-demo"."_counts" AS
SELECT * FROM (
    SELECT "_period" AS "period", 'demo.command' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(DISTINCT ("_trace_id", "_span_id", "_unit")) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest(list_concat([{'attribute': '', 'value': ''},
        {'attribute': 'otel.status_code', 'value': "_status"},
        {'attribute': 'otel.duration', 'value': CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END},
        {'attribute': 'demo.label.chosen', 'value': coalesce(CAST("demo.label.chosen" AS VARCHAR), '')},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.exit.code', 'value': CASE WHEN "process.exit.code" IS NULL THEN '' WHEN "process.exit.code" < 1 THEN '0' WHEN "process.exit.code" < 2 THEN '1' WHEN "process.exit.code" < 5 THEN '2 to 4' WHEN "process.exit.code" < 10 THEN '5 to 9' WHEN "process.exit.code" < 20 THEN '10 to 19' WHEN "process.exit.code" < 50 THEN '20 to 49' WHEN "process.exit.code" < 100 THEN '50 to 99' WHEN "process.exit.code" < 200 THEN '100 to 199' ELSE '200 to 255' END},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}],
        list_transform(coalesce("demo.argument.names", ['']), lambda m: {'attribute': 'demo.argument.names', 'value': m}))) AS "_cell"
    FROM "scruple-demo"."demo.command")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.crash' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(*) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest([{'attribute': '', 'value': ''},
        {'attribute': 'demo.crash.location', 'value': coalesce(CAST("demo.crash.location" AS VARCHAR), '')},
        {'attribute': 'demo.crash.stage', 'value': coalesce(CAST("demo.crash.stage" AS VARCHAR), '')},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}]) AS "_cell"
    FROM "scruple-demo"."demo.crash")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.dataset.loaded' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(*) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest([{'attribute': '', 'value': ''},
        {'attribute': 'demo.dataset.classes', 'value': CASE WHEN "demo.dataset.classes" IS NULL THEN '' WHEN "demo.dataset.classes" < 1 THEN '0' WHEN "demo.dataset.classes" < 2 THEN '1' WHEN "demo.dataset.classes" < 5 THEN '2 to 4' WHEN "demo.dataset.classes" < 10 THEN '5 to 9' WHEN "demo.dataset.classes" < 20 THEN '10 to 19' ELSE '20' END},
        {'attribute': 'demo.dataset.columns', 'value': CASE WHEN "demo.dataset.columns" IS NULL THEN '' WHEN "demo.dataset.columns" < 1 THEN '0' WHEN "demo.dataset.columns" < 2 THEN '1' WHEN "demo.dataset.columns" < 5 THEN '2 to 4' WHEN "demo.dataset.columns" < 10 THEN '5 to 9' WHEN "demo.dataset.columns" < 20 THEN '10 to 19' WHEN "demo.dataset.columns" < 50 THEN '20 to 49' WHEN "demo.dataset.columns" < 100 THEN '50 to 99' ELSE '100' END},
        {'attribute': 'demo.dataset.rows', 'value': coalesce(CAST("demo.dataset.rows" AS VARCHAR), '')},
        {'attribute': 'demo.dataset.size', 'value': coalesce(CAST("demo.dataset.size" AS VARCHAR), '')},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}]) AS "_cell"
    FROM "scruple-demo"."demo.dataset.loaded")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.load' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(DISTINCT ("_trace_id", "_span_id", "_unit")) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest([{'attribute': '', 'value': ''},
        {'attribute': 'otel.status_code', 'value': "_status"},
        {'attribute': 'otel.duration', 'value': CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END},
        {'attribute': 'demo.dataset.format', 'value': coalesce(CAST("demo.dataset.format" AS VARCHAR), '')},
        {'attribute': 'demo.dataset.source', 'value': coalesce(CAST("demo.dataset.source" AS VARCHAR), '')},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}]) AS "_cell"
    FROM "scruple-demo"."demo.load")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.outliers' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(DISTINCT ("_trace_id", "_span_id", "_unit")) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest([{'attribute': '', 'value': ''},
        {'attribute': 'otel.status_code', 'value': "_status"},
        {'attribute': 'otel.duration', 'value': CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END},
        {'attribute': 'demo.outliers.share', 'value': coalesce(CAST("demo.outliers.share" AS VARCHAR), '')},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}]) AS "_cell"
    FROM "scruple-demo"."demo.outliers")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.profile' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(DISTINCT ("_trace_id", "_span_id", "_unit")) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest([{'attribute': '', 'value': ''},
        {'attribute': 'otel.status_code', 'value': "_status"},
        {'attribute': 'otel.duration', 'value': CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END},
        {'attribute': 'demo.dataset.rows', 'value': coalesce(CAST("demo.dataset.rows" AS VARCHAR), '')},
        {'attribute': 'demo.library.version', 'value': coalesce(CAST("demo.library.version" AS VARCHAR), '')},
        {'attribute': 'demo.profile.distinct', 'value': CASE WHEN "demo.profile.distinct" IS NULL THEN '' WHEN "demo.profile.distinct" < 1 THEN '0' WHEN "demo.profile.distinct" < 2 THEN '1' WHEN "demo.profile.distinct" < 5 THEN '2 to 4' WHEN "demo.profile.distinct" < 10 THEN '5 to 9' WHEN "demo.profile.distinct" < 20 THEN '10 to 19' WHEN "demo.profile.distinct" < 50 THEN '20 to 49' WHEN "demo.profile.distinct" < 100 THEN '50 to 99' ELSE '100' END},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}]) AS "_cell"
    FROM "scruple-demo"."demo.profile")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.profile.saved' AS "signal", "_cell".attribute AS "attribute", "_cell"."value" AS "value", count(*) AS "records", count(DISTINCT nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", coalesce(CAST("session.id" AS VARCHAR), '') AS "_unit", unnest([{'attribute': '', 'value': ''},
        {'attribute': 'demo.result.scheme', 'value': coalesce(CAST("demo.result.scheme" AS VARCHAR), '')},
        {'attribute': 'host.arch', 'value': coalesce(CAST("host.arch" AS VARCHAR), '')},
        {'attribute': 'os.type', 'value': coalesce(CAST("os.type" AS VARCHAR), '')},
        {'attribute': 'os.version', 'value': coalesce(CAST("os.version" AS VARCHAR), '')},
        {'attribute': 'process.runtime.version', 'value': coalesce(CAST("process.runtime.version" AS VARCHAR), '')},
        {'attribute': 'service.version', 'value': coalesce(CAST("service.version" AS VARCHAR), '')}]) AS "_cell"
    FROM "scruple-demo"."demo.profile.saved")
    GROUP BY "period", "attribute", "value"
) AS cells
WHERE "units" >= 20;
