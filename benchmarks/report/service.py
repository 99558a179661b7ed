"""Checks over HTTP, each recorded on the disk before it is answered, beside routes that do nothing, and on
PostgreSQL beside the bare inserts of `pgbench`."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.load.inserting import beside_pgbench
from benchmarks.load.throughput import beside_bare_routes
from benchmarks.report.row import A_SECOND, Row

SECONDS = 10


def rows(size: float) -> Iterator[Row]:
    """`size` 1 is 100,000 restrictions. Raises NotServingError where it cannot be measured."""
    restrictions = int(100_000 * size)
    fresh, ours, _, bare, asgi = beside_bare_routes(restrictions, SECONDS)
    name = "bare FastAPI route"
    yield Row("recorded calls, 16 connections", ours.rate, name, bare.rate, A_SECOND, None)
    yield Row("the same: processor time of each", ours.cpu, name, bare.cpu, "µs", 1.5)
    yield Row("the same", ours.cpu, "bare ASGI route", asgi.cpu, "µs", None)
    yield Row("the same: p99", ours.p99, name, bare.p99, "ms", 1.0)
    yield Row("the same in the first seconds after a start: p99", fresh.p99, name, bare.p99, "ms", None)
    on_server, inserts = beside_pgbench(restrictions, SECONDS)
    yield Row("the same on PostgreSQL", on_server.rate, "pgbench, one insert", inserts, A_SECOND, 0.5)
