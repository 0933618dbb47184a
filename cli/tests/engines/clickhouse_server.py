"""ClickHouse's HTTP interface around the engine in this process (chdb), so that the Collector's exporter writes into the
real engine. Usage: clickhouse_server.py PORT FOLDER. A query is in the URL's `query`, or it is the body; the data of an INSERT is
the body."""

import json
import re
import struct
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from chdb.session import Session

session = Session(sys.argv[2])
# The engine takes one query after the other; connections stay open.
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def answer(self):
        options = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = self.body()
        query, data = (options["query"], body) if "query" in options else (body.decode(), b"")
        form = options.get("default_format", "TabSeparated")
        form = self.headers.get("x-clickhouse-format", form)
        try:
            with lock:
                status, out = 200, run(query, data, form)
        except Exception as error:
            status, out = 500, str(error).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(out)))
        self.send_header("x-clickhouse-format", form)
        self.end_headers()
        self.wfile.write(out)

    do_GET = do_POST = answer


def run(query, data, form):
    insert = re.match(r"\s*INSERT\s+INTO\s+(.*?)\s+FORMAT\s+Native\s*$", query, re.I | re.S)
    if insert and data:
        with tempfile.NamedTemporaryFile(suffix=".native", dir=sys.argv[2]) as file:
            file.write(data)
            file.flush()
            query = f"INSERT INTO {insert[1]} SELECT * FROM file('{file.name}', Native)"
            return session.query(query, form).bytes() or b""
    if form == "Native":
        return native(json.loads(session.query(query, "JSONCompact").bytes() or b"null"))
    return session.query(query, form).bytes() or b""


def native(result):
    """One block of the Native format as it is sent to a client that has told its protocol's version: the engine in this
    process writes the form without it. Of texts and whole numbers only: the answers that the exporter reads."""
    if not result:
        return b""
    rows = result["data"]
    out = b"\x01\x00\x02" + struct.pack("<i", -1) + b"\x00" + number(len(result["meta"])) + number(len(rows))
    for place, column in enumerate(result["meta"]):
        out += text(column["name"]) + text(column["type"]) + b"\x00"
        if column["type"] == "String":
            out += b"".join(text(row[place]) for row in rows)
        else:
            size = int(column["type"].removeprefix("UInt")) // 8
            out += b"".join(int(row[place]).to_bytes(size, "little") for row in rows)
    return out


def number(value):
    """A number of seven bits a byte."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def text(value):
    return number(len(value.encode())) + value.encode()


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("listening", flush=True)
server.serve_forever()
