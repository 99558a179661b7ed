"""The ledger's attempts of a time as Parquet files, canaries left out. What is sealed stays sealed in them.

All that one prisoner tried is in one partition, in its order, so that a partition is screened by itself with
the messages before each. A partition lies in several files: each holds `AT_ONCE` attempts of the ledger,
sorted by partition. An export that was cut off goes on behind the last file that is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import func, select

from engine.postings import key_of
from service.blocklist import parquet
from service.blocklist.backtesting import canaries_among, of_attempts
from service.ledger.record import ledger
from service.registry.journal import Journal
from service.storage.writing import write_whole

AT_ONCE = 250_000
"""Attempts in one file: as many are in memory at once, some 500 MB."""
PER_PARTITION = 400_000
"""Attempts in one partition of a large export: half a minute of a core, which a kill costs at most."""
AT_LEAST = 500
"""Attempts that are worth a partition of their own; a small export has up to `MOST_OF_SMALL`."""
MOST_OF_SMALL = 64

COLUMNS = {
    "part": parquet.NUMBER,
    "seq": parquet.NUMBER,
    "at": parquet.MOMENT,
    "channel": parquet.TEXT,
    "establishment": parquet.TEXT,
    "outcome": parquet.TEXT,
    "codes": parquet.TEXT,
    "subject": parquet.TEXT,
    "sealed": parquet.BYTES,
}
"""What a file holds of an attempt: its record as in the ledger; `outcome` and `codes` are the answer."""


class Export(msgspec.Struct, frozen=True):
    """What was exported: which attempts, in how many partitions. Stands beside the files."""

    days: int
    made: datetime
    last: int
    """Number of the last record that was looked at."""
    attempts: int
    allowed: int
    """How many of them were answered with allow."""
    partitions: int
    complete: bool = False


class ExportedAttempt(NamedTuple):
    """An attempt as it was exported; `subject` and `sealed` are what the vault opens it by."""

    seq: int
    at: datetime
    channel: str
    establishment: str | None
    outcome: str | None
    codes: str | None
    subject: str
    sealed: bytes


def export(journal: Journal, folder: Path, days: int) -> Export:
    """The attempts of the last `days` in `folder`, made or gone on with; one that is there is taken as it is.

    Raises ValueError where the folder holds the attempts of another time.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = _read(folder) or _begin(journal, folder, days)
    if about.days != days:
        raise ValueError(f"{folder}: holds {about.days} days; take another folder")
    if about.complete:
        return about
    for rows in _chunks(journal, about, behind=_last_kept(folder)):
        parquet.write(folder / f"{rows[-1][1]:012d}.parquet", COLUMNS, rows, "part, seq")
    done = msgspec.structs.replace(about, complete=True)
    write_whole(folder / _ABOUT, msgspec.json.encode(done))
    return done


def attempts_of(folder: Path, partition: int) -> Iterator[ExportedAttempt]:
    """The attempts of a partition in the order of the ledger."""
    columns = ", ".join(f'"{name}"' for name in ExportedAttempt._fields)
    wanted = f"SELECT {columns} FROM $files WHERE part = $1"  # noqa: S608 - names of ours alone
    before = 0
    for row in parquet.query(wanted, _files(folder), partition):
        attempt = ExportedAttempt(row[0], row[1].replace(tzinfo=UTC), *row[2:])
        if attempt.seq <= before:
            raise ValueError(f"{folder}: record {attempt.seq} is out of its order")
        before = attempt.seq
        yield attempt


_ABOUT = "export.json"


def _begin(journal: Journal, folder: Path, days: int) -> Export:
    made = journal.clock()
    kept = of_attempts(made - timedelta(days=days))
    with journal.database.read() as connection:
        answered_so = func.count().filter(ledger.c.outcome == "allow")
        count, allowed, last = connection.execute(
            select(func.count(), answered_so, func.coalesce(func.max(ledger.c.seq), 0)).where(*kept)
        ).one()
        ours = canaries_among(connection, kept)
    count, allowed = count - len(ours), allowed - sum(answer == "allow" for answer in ours.values())
    partitions = max(1, min(MOST_OF_SMALL, count // AT_LEAST), count // PER_PARTITION)
    about = Export(days, made, last, count, allowed, partitions)
    write_whole(folder / _ABOUT, msgspec.json.encode(about))
    return about


def _read(folder: Path) -> Export | None:
    try:
        return msgspec.json.decode((folder / _ABOUT).read_bytes(), type=Export)
    except FileNotFoundError:
        return None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _last_kept(folder: Path) -> int:
    """Number of the last record that is in a file: a file is named by it."""
    return max((int(file.stem) for file in _files(folder)), default=0)


def _chunks(journal: Journal, about: Export, behind: int) -> Iterator[list[tuple[object, ...]]]:
    """Rows of the files still to be written; one of no attempts where there is none at all."""
    columns = (ledger.c[name] for name in COLUMNS if name != "part")
    since = of_attempts(about.made - timedelta(days=about.days))
    kept = [*since, ledger.c.seq > behind, ledger.c.seq <= about.last]
    wanted = (
        select(ledger.c.prisoner, *columns)
        .where(*kept)
        .order_by(ledger.c.seq)
        .execution_options(yield_per=parquet.AT_ONCE)
    )
    rows: list[tuple[object, ...]] = []
    with journal.database.read() as connection:
        ours = canaries_among(connection, kept)
        for row in connection.execute(wanted):
            if row.seq in ours:
                continue
            partition = key_of(row.prisoner or row.subject) % about.partitions
            rows.append((partition, *row[1:]))
            if len(rows) == AT_ONCE:
                yield rows
                rows = []
    if rows:
        yield rows
