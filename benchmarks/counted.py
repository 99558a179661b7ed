"""What a check costs, counted and not timed, beside what it cost when the table was recorded.

    python -m benchmarks.counted            # exit status 1 where a figure is more than 10 % off
    python -m benchmarks.counted --record   # write counted.tsv anew

Counts are the same on every machine, however loaded, with the same Python: the interpreter's instructions,
statements of the database, bytes. Python's own hashes are fixed for it. What happens inside one call into C,
a longer look of a regular expression say, is not seen: `make bench` times that. A figure that fell has to be
recorded as well, so that what was won is not lost again unseen.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import dbapi2
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import httpx
import msgspec

from benchmarks import estate
from benchmarks.load import serving
from engine import saved
from engine.blocklist import Blocklist, compile_blocklist
from engine.model import Attempt, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.app import App
from service.settings import Settings
from service.storage.database import Database
from service.system import make_system, open_vault

TABLE = Path(__file__).with_suffix(".tsv")
MOST = 0.10
"""How far a figure may be from the recorded one."""
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RESTRICTIONS = 1_500
WARM, COUNTED = 40, 80
"""Attempts that fill what is kept between checks, and those that are counted after them."""


def instructions(run: Callable[[], object]) -> int:
    """Instructions of the interpreter in this thread while `run` runs."""
    count = 0

    def each(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "opcode"
        return each

    def entered(frame: FrameType, event: str, argument: object) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return each

    sys.settrace(entered)
    try:
        run()
    finally:
        sys.settrace(None)
    return count


def checks() -> Iterator[tuple[str, float]]:
    """Instructions of one check of each channel, on the average of some."""
    screener = Screener(compile_blocklist(estate.full_restrictions(RESTRICTIONS)), read_policy())

    def screen(attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            screener.check(attempt, NOW)

    calls = estate.calls(6 * (WARM + COUNTED))
    kinds = {
        "call, a plain number": [one for one in calls if one.to.isdigit() and one.to.startswith("07")],
        "call, written otherwise": [one for one in calls if not one.to.isdigit()],
        "message of 500 characters": estate.messages(WARM + COUNTED),
        "letter": estate.letters(WARM + COUNTED),
    }
    # What is looked for in texts is read when somebody with restrictions of his own first writes.
    named = next(estate.full_restrictions(1)).prisoners[0]
    screen([msgspec.structs.replace(kinds["message of 500 characters"][0], prisoner=named)])
    for kind, attempts in kinds.items():
        screen(attempts[:WARM])
        counted = attempts[WARM : WARM + COUNTED]
        yield f"{kind}: instructions", instructions(lambda some=counted: screen(some)) / len(counted)  # type: ignore[misc]


def lists() -> Iterator[tuple[str, float]]:
    """What a contact point costs in a list: instructions to compile it, bytes when saved and when loaded."""
    kinds: dict[str, Callable[[int, int], Iterator[Restriction]]] = {
        "number": estate.phone_restrictions,
        "address": estate.address_restrictions,
    }
    for kind, draw in kinds.items():
        warmed = compile_blocklist(draw(100, 7))
        few = list(draw(200, 8))
        yield f"{kind}: instructions to compile", instructions(lambda some=few: compile_blocklist(some)) / 200  # type: ignore[misc]
        kept = saved.save(compile_blocklist(draw(RESTRICTIONS, 1)))
        empty = saved.save(compile_blocklist(()))
        yield f"{kind}: bytes saved", (len(kept) - len(empty)) / RESTRICTIONS
        saved.load(saved.save(warmed))
        yield f"{kind}: bytes loaded", _held(lambda one=kept: saved.load(one)) / RESTRICTIONS  # type: ignore[misc]


def _held(make: Callable[[], Blocklist]) -> int:
    """Bytes that what is made takes up."""
    gc.collect()
    tracemalloc.start()
    try:
        made = make()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        del made
    finally:
        tracemalloc.stop()
    return held


def statements() -> Iterator[tuple[str, float]]:
    """Statements of the database for one check over HTTP, when it is allowed and when it is blocked."""
    seen: list[str] = []
    _tell_every_statement(seen)
    with TemporaryDirectory(prefix="nocontact-counted-") as folder:
        data = Path(folder) / "data"
        serving.prepare(data, estate.phone_restrictions(20))
        key = serving.key(data, "phone_system")
        listed = next(estate.phone_restrictions(1)).contacts[0].value
        with _service(data) as app:
            for kind, number in (("allowed", "020 7946 0018"), ("blocked", listed)):
                asyncio.run(_ask(app, key, kind, number, range(5)))
                seen.clear()
                asyncio.run(_ask(app, key, kind, number, range(5, 25)))
                yield f"recorded call, {kind}: statements", len(seen) / 20


@contextmanager
def _service(data: Path) -> Iterator[App]:
    """The whole service with its ledger, and without what looks after things in the background."""
    settings = Settings(data=data, rate=10**6, prisoner_rate=10**6, unknown_rate=10**6)
    database = Database(settings.url, wait=settings.database_wait)
    try:
        system = make_system(settings, database, open_vault(settings, database))
        with system.ledger:
            system.current.refresh()
            yield App(system)
            system.access.close()
    finally:
        database.close()


async def _ask(app: App, key: str, kind: str, number: str, numbers: Iterable[int]) -> None:
    """One check after another, each recorded before the next is asked."""
    headers = {"Authorization": f"Bearer {key}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://counted", headers=headers) as client:
        for n in numbers:
            body = {"id": f"{kind}-{n}", "prisoner": f"X{1000 + n}BC", "to": number}
            answer = await client.post("/v1/check/call", json=body)
            answer.raise_for_status()


def _tell_every_statement(seen: list[str]) -> None:
    """Of each SQLite connection of this process from now on, whoever opens it."""
    connect = dbapi2.connect

    def heard(*given: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **more)
        connection.set_trace_callback(seen.append)
        return connection

    for module in (sqlite3, dbapi2):
        vars(module)["connect"] = heard


def counted() -> dict[str, float]:
    """Every figure."""
    return {what: figure for part in (checks, lists, statements) for what, figure in part()}


def recorded(version: str) -> dict[str, float]:
    """The table's figures of a Python version, "3.11" say; none where it was never recorded with that."""
    rows = (line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    return {what: float(figure) for python, what, figure in rows if python == version}


def _record(version: str, found: dict[str, float]) -> None:
    lines = TABLE.read_text().splitlines()
    kept = [line for line in lines if not line.startswith(f"{version}\t")]
    TABLE.write_text("\n".join([*kept, *(f"{version}\t{what}\t{n:.1f}" for what, n in found.items())]) + "\n")


def main() -> int:
    """Count, and hold it beside the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the table anew")
    asked = parser.parse_args()
    version = ".".join(platform.python_version_tuple()[:2])
    found = counted()
    if asked.record:
        _record(version, found)
    known = recorded(version)
    if not known:
        print(f"counted: nothing is recorded of Python {version}; --record does")
        return 0
    off = beyond(known, found)
    for what, figure in found.items():
        beside = f"{figure / known[what]:.3f}" if what in known else "new"
        print(f"{what:44} {figure:12,.1f}  {beside}")
    for what in off:
        print(f"counted: {what} is not what was recorded: mend it, or `make count-anew`", file=sys.stderr)
    return bool(off)


def beyond(known: dict[str, float], found: dict[str, float]) -> list[str]:
    """What is more than `MOST` from its recorded figure, or is on one side alone."""
    on_one_side = known.keys() ^ found.keys()
    off = {
        what for what in known.keys() & found.keys() if abs(found[what] - known[what]) > MOST * known[what]
    }
    return sorted(on_one_side | off)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        again = [sys.executable, "-m", "benchmarks.counted", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": "0"})  # noqa: S606
    sys.exit(main())
