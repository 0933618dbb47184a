"""Recounts with DuckDB what the files given as arguments hold: prints one line of JSON a file, a list of its cells.

A cell is [signal, first day of the week since the epoch, keys, labels, records, distinct installations].
"""

import json
import sys

import duckdb

ONE_TWO_FIVE = [1, 2, 5, 10, 20, 50, 100, 200, 300]
COPIES = [("0", 0)] + [
    (f"{low} to {min(high - 1, 300)}" if high - 1 > low else f"{low}", low)
    for low, high in zip(ONE_TWO_FIVE[:-2], ONE_TWO_FIVE[1:-1])
] + [("200 to 300", 200)]
STEPS = ["1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s", "5 s",
         "10 s", "20 s", "30 s", "1 min", "2 min", "5 min"]
UNIT = {"ms": 10**6, "s": 10**9, "min": 60 * 10**9}
DURATIONS = [("0 s", 0), ("under 1 ms", 1)] + [
    (f"{low} to {high}", int(low.split()[0]) * UNIT[low.split()[1]]) for low, high in zip(STEPS, STEPS[1:])
]


def bucket(value, buckets):
    cases = " ".join(f"when {value} >= {low} then '{label}'" for label, low in reversed(buckets))
    return f"case when {value} is null then '' {cases} end"


def json_list(node, field):
    return f"from_json(json_extract({node}, '$.{field}'), '[\"JSON\"]')"


def attribute(node, key, path):
    of_key = f"list_filter({json_list(node, 'attributes')}, lambda a: json_extract_string(a, '$.key') = '{key}')[1]"
    return f"json_extract_string({of_key}, '$.value.{path}')"


def value(node, key, form="stringValue"):
    return attribute(node, key, form)


def number(field):
    return f"json_extract_string(x, '$.{field}')::bigint"


def records(envelope, scopes, name):
    return f"""
        select json_extract(r, '$.resource') as resource, unnest({json_list("s", name)}) as x from (
            select r, unnest({json_list("r", scopes)}) as s from (
                select unnest({json_list("json", envelope)}) as r from lines where json_exists(json, '$.{envelope}')))"""


def text(expression):
    return f"coalesce({expression}, '')"


FONTS = "from_json(" + attribute("x", "press.fonts", "arrayValue.values") + "::json, '[\"JSON\"]')"

SPANS = {
    "press.format": text(value("x", "press.format")),
    "press.pages": text(value("x", "press.pages")),
    "press.color": text(value("x", "press.color", "boolValue")),
    "press.copies": bucket(f"{value('x', 'press.copies', 'intValue')}::bigint", COPIES),
    "press.exit": text(value("x", "press.exit", "intValue")),
    "press.fonts": f"case when {FONTS} is null then [''] else list_transform({FONTS}, lambda v: json_extract_string(v, '$.stringValue')) end",
    "otel.status_code": f"['unset', 'ok', 'error'][coalesce({number('status.code')}, 0) + 1]",
    "otel.duration": bucket(f"({number('endTimeUnixNano')} - {number('startTimeUnixNano')})", DURATIONS),
}
EVENTS = {"press.engine.version": text(value("x", "press.engine.version"))}
RESOURCE = {"service.version": text(value("resource", "service.version")), "os.type": text(value("resource", "os.type"))}


def table(db, name, source, time, own, distinct):
    columns = ", ".join(f'{expression} as "{key}"' for key, expression in {**own, **RESOURCE}.items())
    db.execute(f"""create or replace table {name} as select {distinct}
        {value("resource", "service.instance.id")} as unit,
        date_trunc('week', make_timestamp({number(time)} // 1000))::date - date '1970-01-01' as week,
        {columns} from ({source})""")


def cells(db, signal, name, keys):
    exploded = [f'unnest("{key}")' if key == "press.fonts" else f'"{key}"' for key in keys]
    picked = "".join(f", {expression} as k{place}" for place, expression in enumerate(exploded))
    labels = "[" + ", ".join(f"k{place}" for place in range(len(keys))) + "]::varchar[]"
    query = f"""select week, {labels}, count(*), count(distinct unit) from (select week, unit{picked} from {name}) group by all"""
    return [[signal, week, list(keys), labels, records, units] for week, labels, records, units in db.execute(query).fetchall()]


def main():
    for path in sys.argv[1:]:
        db = duckdb.connect()
        db.execute("set threads = 1")
        db.execute("create table lines as select json from read_json_objects(?, format = 'newline_delimited')", [path])
        spans = records("resourceSpans", "scopeSpans", "spans")
        logs = records("resourceLogs", "scopeLogs", "logRecords")
        distinct = "distinct on (unit, json_extract_string(x, '$.traceId'), json_extract_string(x, '$.spanId'))"
        table(db, "spans", spans, "startTimeUnixNano", SPANS, distinct)
        table(db, "events", logs, "timeUnixNano", EVENTS, "")
        keys = [()] + [(key,) for key in {**SPANS, **RESOURCE}]
        keys += [("os.type", "press.format"), ("press.color", "otel.duration")]
        all_cells = [cell for key in keys for cell in cells(db, "press.print", "spans", key)]
        keys = [()] + [(key,) for key in {**EVENTS, **RESOURCE}]
        all_cells += [cell for key in keys for cell in cells(db, "press.loaded", "events", key)]
        print(json.dumps(all_cells))


main()
