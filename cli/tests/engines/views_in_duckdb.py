"""Reads lines of two paths with a tab between, runs the SQL in the first file in a new database, and writes the rows of the
query in the second as JSON, one a line, and an empty line."""

import json
import sys
from pathlib import Path

import duckdb

for line in sys.stdin:
    views, query = (Path(path).read_text() for path in line.rstrip("\n").split("\t"))
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(views)
    for row in connection.execute(query).fetchall():
        print(json.dumps([value if isinstance(value, int) else str(value) for value in row]))
    print(flush=True)
    connection.close()
