"""Checks over HTTP, each recorded on the disk before it is answered, beside a route that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.load.throughput import beside_a_bare_route
from benchmarks.report.row import Row

SECONDS = 10


def rows(size: float) -> Iterator[Row]:
    """`size` 1 is 100,000 restrictions. Raises NotServingError where it cannot be measured."""
    ours, bare, _ = beside_a_bare_route(int(100_000 * size), SECONDS)
    yield Row("recorded calls, 16 connections", ours.rate, "bare FastAPI route", bare.rate, "a second", 1.5)
    yield Row("the same: p99", ours.p99, "bare FastAPI route", bare.p99, "ms", 1.0)
