"""What a contact point takes up in a list that is saved, beside the value as it is written, in UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import estate
from benchmarks.report.row import Row
from engine import saved
from engine.blocklist import compile_blocklist


def rows(size: float) -> Iterator[Row]:
    """`size` 1 is a million numbers, and 100,000 addresses."""
    for kind, listed in (
        ("number", list(estate.phone_restrictions(int(1_000_000 * size)))),
        ("address", list(estate.address_restrictions(int(100_000 * size)))),
    ):
        written = sum(len(one.contacts[0].value.encode()) for one in listed) / len(listed)
        kept = len(saved.save(compile_blocklist(listed))) / len(listed)
        yield Row(f"{kind} in a saved list", kept, "its value as UTF-8", written, "bytes", 8.0)
