"""A list made: compiled, changed, imported; in processor time, beside what cannot be left out of it.

Where processes on other cores help, that of the process which was asked: it never waits for them, so that is
the time by the clock where nothing else is on the machine.
"""

from __future__ import annotations

import gc
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks import estate
from benchmarks.load import serving
from benchmarks.report.row import Row
from engine.blocklist import Blocklist, change_blocklist, compile_blocklist
from engine.model import Restriction
from matchers import address, email_handle, phone
from service.blocklist.compiling import on_every_core
from service.operations.cores import cores
from service.registry.importing import import_restrictions
from service.settings import Settings
from service.storage.database import Database
from service.system import make_system, open_vault

AT_ONCE = 500
CHANGES = 21


def rows(size: float) -> Iterator[Row]:
    """`size` 1 is a million contact points, and an import of 100,000 restrictions."""
    listed = list(estate.full_restrictions(int(250_000 * size)))
    points = f"{sum(len(one.contacts) for one in listed):,} contact points"
    _read(listed[:200])
    reading, _ = _took(lambda: _read(listed))
    building, blocklist = _took(lambda: compile_blocklist(listed))
    yield Row(f"build, {points}, one core", building, "reading them alone", reading, "s", None)
    own, _ = _took(lambda: compile_blocklist(listed, compiling=on_every_core))
    yield Row(f"the same, {cores()} cores, of one of them", own, "reading them on one", reading, "s", 1.3)
    yield Row(
        f"a change, {points}: the longest of {CHANGES}", _change(blocklist), "what is wanted", 50.0, "ms", 1.0
    )
    del blocklist
    yield from _imported(listed[: int(100_000 * size)])


def _took(make: Callable[[], Blocklist | None]) -> tuple[float, Blocklist]:
    before = time.process_time()
    made = make()
    return time.process_time() - before, made or compile_blocklist(())


def _read(restrictions: Iterable[Restriction]) -> None:
    """Every contact point, once; nothing is kept."""
    read: dict[str, Callable[[str], object]] = {
        "phone": phone.read,
        "address": address.every_reading,
        "email": email_handle.read_email,
        "handle": email_handle.read_handle,
    }
    for restriction in restrictions:
        for contact in restriction.contacts:
            read[contact.kind](contact.value)


def _change(blocklist: Blocklist) -> float:
    """The longest of some changes, in milliseconds, the first of a list that was just made included.

    What was loaded is kept from being looked through for garbage, as the service keeps it.
    """
    gc.freeze()
    took = []
    for number, one in enumerate(estate.full_restrictions(CHANGES, seed=9)):
        before = time.thread_time()
        blocklist = change_blocklist(blocklist, [msgspec.structs.replace(one, id=f"N{number}")])
        took.append(time.thread_time() - before)
    return max(took) * 1e3


def _imported(listed: Sequence[Restriction]) -> Iterator[Row]:
    with TemporaryDirectory(prefix="nocontact-lists-") as folder:
        data = Path(folder) / "data"
        serving.run(data, "init", "--data", str(data))
        settings = Settings(data=data)
        database = Database(settings.url, wait=settings.database_wait)
        system = make_system(settings, database, open_vault(settings, database))
        file = BytesIO(b"".join(msgspec.json.encode(one) + b"\n" for one in listed))
        with system.ledger:
            before = time.process_time()
            import_restrictions(system.registry, "benchmark", file)
            ours = time.process_time() - before
            system.access.close()
        database.close()
        yield Row(
            f"import, {len(listed):,} restrictions, {cores()} cores, of one of them",
            ours,
            "SQLite's own insert of the rows",
            _inserted(data),
            "s",
            5.0,
        )


def _inserted(data: Path) -> float:
    """Seconds in which SQLite takes in every row that the import left, in a database of the same tables."""
    made = sqlite3.connect(next(data.rglob("*.db")))
    tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = dict(made.execute(tables))
    indexes = [
        sql for (sql,) in made.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql > ''")
    ]
    copy = sqlite3.connect(data / "copy")
    copy.executescript("PRAGMA journal_mode = WAL;" + ";".join([*names.values(), *indexes]))
    rows_of = {name: made.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608
    before = time.process_time()
    for name, some in rows_of.items():
        for start in range(0, len(some), AT_ONCE):
            places = ", ".join("?" * len(some[0]))
            into = f'INSERT INTO "{name}" VALUES ({places})'  # noqa: S608
            copy.executemany(into, some[start : start + AT_ONCE])
            copy.commit()
    return time.process_time() - before
