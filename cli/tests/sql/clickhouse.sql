-- Views over what a Collector has kept of com.example.scruple-demo.
-- Written by `scruple sql`; don't edit.
--
-- A unit is a session: one run of the program.
-- The view _counts leaves out cells of fewer than 20 units, but what it shows may still tell the rest by
-- subtraction: for you alone. What may be published comes from `scruple report`.

CREATE DATABASE IF NOT EXISTS "scruple-demo";
ALTER TABLE "default"."otel_traces" MODIFY TTL toDateTime("Timestamp") + toIntervalDay(90);
ALTER TABLE "default"."otel_logs" MODIFY TTL toDateTime("Timestamp") + toIntervalDay(90);

-- One run of the program.
CREATE OR REPLACE VIEW "scruple-demo"."demo.command" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    toInt64("Duration") AS "_duration_ns",
    lower("StatusCode") AS "_status",
    JSONExtract("SpanAttributes"['demo.argument.names'], 'Array(String)') AS "demo.argument.names",
    CAST(if(mapContains("SpanAttributes", 'demo.label.chosen'), "SpanAttributes"['demo.label.chosen'] = 'true', NULL) AS Nullable(Bool)) AS "demo.label.chosen",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    toInt64OrNull("SpanAttributes"['process.exit.code']) AS "process.exit.code",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_traces"
WHERE "ServiceName" IN ('scruple-demo') AND "SpanName" = 'demo.command';

-- The program panicked. The message stays; only the line in its own source is told.
CREATE OR REPLACE VIEW "scruple-demo"."demo.crash" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    if(mapContains("LogAttributes", 'demo.crash.location'), "LogAttributes"['demo.crash.location'], NULL) AS "demo.crash.location",
    if(mapContains("LogAttributes", 'demo.crash.stage'), "LogAttributes"['demo.crash.stage'], NULL) AS "demo.crash.stage",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_logs"
WHERE "ServiceName" IN ('scruple-demo') AND "EventName" = 'demo.crash';

-- The data set was read whole, without a mistake in it.
CREATE OR REPLACE VIEW "scruple-demo"."demo.dataset.loaded" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    toInt64OrNull("LogAttributes"['demo.dataset.classes']) AS "demo.dataset.classes",
    toInt64OrNull("LogAttributes"['demo.dataset.columns']) AS "demo.dataset.columns",
    if(mapContains("LogAttributes", 'demo.dataset.rows'), "LogAttributes"['demo.dataset.rows'], NULL) AS "demo.dataset.rows",
    if(mapContains("LogAttributes", 'demo.dataset.size'), "LogAttributes"['demo.dataset.size'], NULL) AS "demo.dataset.size",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_logs"
WHERE "ServiceName" IN ('scruple-demo') AND "EventName" = 'demo.dataset.loaded';

-- The data set is read.
CREATE OR REPLACE VIEW "scruple-demo"."demo.load" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    toInt64("Duration") AS "_duration_ns",
    lower("StatusCode") AS "_status",
    if(mapContains("SpanAttributes", 'demo.dataset.format'), "SpanAttributes"['demo.dataset.format'], NULL) AS "demo.dataset.format",
    if(mapContains("SpanAttributes", 'demo.dataset.name'), "SpanAttributes"['demo.dataset.name'], NULL) AS "demo.dataset.name",
    if(mapContains("SpanAttributes", 'demo.dataset.source'), "SpanAttributes"['demo.dataset.source'], NULL) AS "demo.dataset.source",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_traces"
WHERE "ServiceName" IN ('scruple-demo') AND "SpanName" = 'demo.load';

-- The rows with a value far from the others of its column are counted.
CREATE OR REPLACE VIEW "scruple-demo"."demo.outliers" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    toInt64("Duration") AS "_duration_ns",
    lower("StatusCode") AS "_status",
    if(mapContains("SpanAttributes", 'demo.outliers.share'), "SpanAttributes"['demo.outliers.share'], NULL) AS "demo.outliers.share",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_traces"
WHERE "ServiceName" IN ('scruple-demo') AND "SpanName" = 'demo.outliers';

-- Each column of numbers is summed up by its quartiles.
CREATE OR REPLACE VIEW "scruple-demo"."demo.profile" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    toInt64("Duration") AS "_duration_ns",
    lower("StatusCode") AS "_status",
    if(mapContains("SpanAttributes", 'demo.dataset.rows'), "SpanAttributes"['demo.dataset.rows'], NULL) AS "demo.dataset.rows",
    if(mapContains("SpanAttributes", 'demo.library.version'), "SpanAttributes"['demo.library.version'], NULL) AS "demo.library.version",
    toInt64OrNull("SpanAttributes"['demo.profile.distinct']) AS "demo.profile.distinct",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_traces"
WHERE "ServiceName" IN ('scruple-demo') AND "SpanName" = 'demo.profile';

-- The profile is complete, whether it is saved or not.
CREATE OR REPLACE VIEW "scruple-demo"."demo.profile.saved" AS
SELECT
    toMonday("Timestamp", 'UTC') AS "_period",
    "Timestamp" AS "_time",
    "TraceId" AS "_trace_id",
    "SpanId" AS "_span_id",
    if(mapContains("LogAttributes", 'demo.result.scheme'), "LogAttributes"['demo.result.scheme'], NULL) AS "demo.result.scheme",
    if(mapContains("ResourceAttributes", 'host.arch'), "ResourceAttributes"['host.arch'], NULL) AS "host.arch",
    if(mapContains("ResourceAttributes", 'os.type'), "ResourceAttributes"['os.type'], NULL) AS "os.type",
    if(mapContains("ResourceAttributes", 'os.version'), "ResourceAttributes"['os.version'], NULL) AS "os.version",
    if(mapContains("ResourceAttributes", 'process.runtime.version'), "ResourceAttributes"['process.runtime.version'], NULL) AS "process.runtime.version",
    if(mapContains("ResourceAttributes", 'service.name'), "ResourceAttributes"['service.name'], NULL) AS "service.name",
    if(mapContains("ResourceAttributes", 'service.version'), "ResourceAttributes"['service.version'], NULL) AS "service.version",
    if(mapContains("ResourceAttributes", 'session.id'), "ResourceAttributes"['session.id'], NULL) AS "session.id"
FROM "default"."otel_logs"
WHERE "ServiceName" IN ('scruple-demo') AND "EventName" = 'demo.profile.saved';

CREATE OR REPLACE VIEW "scruple-demo"."_counts" AS
SELECT * FROM (
    SELECT "_period" AS "period", 'demo.command' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", uniqExact("_trace_id", "_span_id", "_unit") AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin(arrayConcat(
        [('', ''),
        ('otel.status_code', "_status"),
        ('otel.duration', CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END),
        ('demo.label.chosen', ifNull(toString("demo.label.chosen"), '')),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.exit.code', CASE WHEN "process.exit.code" IS NULL THEN '' WHEN "process.exit.code" < 1 THEN '0' WHEN "process.exit.code" < 2 THEN '1' WHEN "process.exit.code" < 5 THEN '2 to 4' WHEN "process.exit.code" < 10 THEN '5 to 9' WHEN "process.exit.code" < 20 THEN '10 to 19' WHEN "process.exit.code" < 50 THEN '20 to 49' WHEN "process.exit.code" < 100 THEN '50 to 99' WHEN "process.exit.code" < 200 THEN '100 to 199' ELSE '200 to 255' END),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))],
        arrayMap(m -> ('demo.argument.names', m), if(empty("demo.argument.names"), [''], "demo.argument.names")))) AS "_cell"
    FROM "scruple-demo"."demo.command")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.crash' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", count(*) AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin([('', ''),
        ('demo.crash.location', ifNull(toString("demo.crash.location"), '')),
        ('demo.crash.stage', ifNull(toString("demo.crash.stage"), '')),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))]) AS "_cell"
    FROM "scruple-demo"."demo.crash")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.dataset.loaded' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", count(*) AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin([('', ''),
        ('demo.dataset.classes', CASE WHEN "demo.dataset.classes" IS NULL THEN '' WHEN "demo.dataset.classes" < 1 THEN '0' WHEN "demo.dataset.classes" < 2 THEN '1' WHEN "demo.dataset.classes" < 5 THEN '2 to 4' WHEN "demo.dataset.classes" < 10 THEN '5 to 9' WHEN "demo.dataset.classes" < 20 THEN '10 to 19' ELSE '20' END),
        ('demo.dataset.columns', CASE WHEN "demo.dataset.columns" IS NULL THEN '' WHEN "demo.dataset.columns" < 1 THEN '0' WHEN "demo.dataset.columns" < 2 THEN '1' WHEN "demo.dataset.columns" < 5 THEN '2 to 4' WHEN "demo.dataset.columns" < 10 THEN '5 to 9' WHEN "demo.dataset.columns" < 20 THEN '10 to 19' WHEN "demo.dataset.columns" < 50 THEN '20 to 49' WHEN "demo.dataset.columns" < 100 THEN '50 to 99' ELSE '100' END),
        ('demo.dataset.rows', ifNull(toString("demo.dataset.rows"), '')),
        ('demo.dataset.size', ifNull(toString("demo.dataset.size"), '')),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))]) AS "_cell"
    FROM "scruple-demo"."demo.dataset.loaded")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.load' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", uniqExact("_trace_id", "_span_id", "_unit") AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin([('', ''),
        ('otel.status_code', "_status"),
        ('otel.duration', CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END),
        ('demo.dataset.format', ifNull(toString("demo.dataset.format"), '')),
        ('demo.dataset.source', ifNull(toString("demo.dataset.source"), '')),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))]) AS "_cell"
    FROM "scruple-demo"."demo.load")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.outliers' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", uniqExact("_trace_id", "_span_id", "_unit") AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin([('', ''),
        ('otel.status_code', "_status"),
        ('otel.duration', CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END),
        ('demo.outliers.share', ifNull(toString("demo.outliers.share"), '')),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))]) AS "_cell"
    FROM "scruple-demo"."demo.outliers")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.profile' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", uniqExact("_trace_id", "_span_id", "_unit") AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin([('', ''),
        ('otel.status_code', "_status"),
        ('otel.duration', CASE WHEN "_duration_ns" < 1 THEN '0 s' WHEN "_duration_ns" < 1000000 THEN 'under 1 ms' WHEN "_duration_ns" < 2000000 THEN '1 ms to 2 ms' WHEN "_duration_ns" < 5000000 THEN '2 ms to 5 ms' WHEN "_duration_ns" < 10000000 THEN '5 ms to 10 ms' WHEN "_duration_ns" < 20000000 THEN '10 ms to 20 ms' WHEN "_duration_ns" < 50000000 THEN '20 ms to 50 ms' WHEN "_duration_ns" < 100000000 THEN '50 ms to 100 ms' WHEN "_duration_ns" < 200000000 THEN '100 ms to 200 ms' WHEN "_duration_ns" < 500000000 THEN '200 ms to 500 ms' WHEN "_duration_ns" < 1000000000 THEN '500 ms to 1 s' WHEN "_duration_ns" < 2000000000 THEN '1 s to 2 s' WHEN "_duration_ns" < 5000000000 THEN '2 s to 5 s' WHEN "_duration_ns" < 10000000000 THEN '5 s to 10 s' WHEN "_duration_ns" < 20000000000 THEN '10 s to 20 s' WHEN "_duration_ns" < 30000000000 THEN '20 s to 30 s' WHEN "_duration_ns" < 60000000000 THEN '30 s to 1 min' WHEN "_duration_ns" < 120000000000 THEN '1 min to 2 min' WHEN "_duration_ns" < 300000000000 THEN '2 min to 5 min' WHEN "_duration_ns" < 600000000000 THEN '5 min to 10 min' WHEN "_duration_ns" < 1800000000000 THEN '10 min to 30 min' WHEN "_duration_ns" < 3600000000000 THEN '30 min to 1 h' WHEN "_duration_ns" < 7200000000000 THEN '1 h to 2 h' WHEN "_duration_ns" < 21600000000000 THEN '2 h to 6 h' WHEN "_duration_ns" < 86400000000000 THEN '6 h to 1 day' ELSE '1 day or more' END),
        ('demo.dataset.rows', ifNull(toString("demo.dataset.rows"), '')),
        ('demo.library.version', ifNull(toString("demo.library.version"), '')),
        ('demo.profile.distinct', CASE WHEN "demo.profile.distinct" IS NULL THEN '' WHEN "demo.profile.distinct" < 1 THEN '0' WHEN "demo.profile.distinct" < 2 THEN '1' WHEN "demo.profile.distinct" < 5 THEN '2 to 4' WHEN "demo.profile.distinct" < 10 THEN '5 to 9' WHEN "demo.profile.distinct" < 20 THEN '10 to 19' WHEN "demo.profile.distinct" < 50 THEN '20 to 49' WHEN "demo.profile.distinct" < 100 THEN '50 to 99' ELSE '100' END),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))]) AS "_cell"
    FROM "scruple-demo"."demo.profile")
    GROUP BY "period", "attribute", "value"
    UNION ALL
    SELECT "_period" AS "period", 'demo.profile.saved' AS "signal", tupleElement("_cell", 1) AS "attribute", tupleElement("_cell", 2) AS "value", count(*) AS "records", uniqExact(nullif("_unit", '')) AS "units"
    FROM (SELECT "_period", "_trace_id", "_span_id", ifNull(toString("session.id"), '') AS "_unit", arrayJoin([('', ''),
        ('demo.result.scheme', ifNull(toString("demo.result.scheme"), '')),
        ('host.arch', ifNull(toString("host.arch"), '')),
        ('os.type', ifNull(toString("os.type"), '')),
        ('os.version', ifNull(toString("os.version"), '')),
        ('process.runtime.version', ifNull(toString("process.runtime.version"), '')),
        ('service.version', ifNull(toString("service.version"), ''))]) AS "_cell"
    FROM "scruple-demo"."demo.profile.saved")
    GROUP BY "period", "attribute", "value"
) AS cells
WHERE "units" >= 20;
