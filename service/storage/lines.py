"""Lines of a file of any size, in memory that does not grow with it."""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

LONGEST_LINE = 1 << 20
"""Bytes of one line, a letter's body included. A longer one is an error of its own, not of the file."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NumberedLine(NamedTuple):
    """A line with its number, from 1; `error` says why it has no text."""

    number: int
    text: bytes
    error: str = ""


def read_lines(file: BinaryIO) -> Iterator[NumberedLine]:
    """Each line; one too long, or empty between others, as an error. Empty ones at the end are nothing."""
    number = 0
    empty: list[NumberedLine] = []
    while chunk := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(chunk) > LONGEST_LINE and not chunk.endswith(b"\n"):
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            line = NumberedLine(number, b"", f"longer than {LONGEST_LINE:,} bytes")
        else:
            text = chunk.removeprefix(_BYTE_ORDER_MARK) if number == 1 else chunk
            line = NumberedLine(number, text.strip())
        if not line.text and not line.error:
            empty = [*empty[-1000:], NumberedLine(number, b"", "empty line")]
            continue
        yield from empty
        empty = []
        yield line


class SeenIds:
    """Which ids have been seen, kept in a temporary file so that a long input needs no more memory."""

    def __init__(self) -> None:
        """Open an unnamed database that the operating system removes by itself."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA cache_size = -4096")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def first_line(self, identifier: str, line: int) -> int:
        """The line on which the id was first seen: `line` itself when it is new."""
        added = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (identifier, line))
        if added.rowcount:
            return line
        row = self._database.execute("SELECT line FROM seen WHERE id = ?", (identifier,)).fetchone()
        return int(row[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
