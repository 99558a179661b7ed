"""How long the queue page takes with 100,000 open items, on SQLite and on PostgreSQL.

    python -m benchmarks.load.queue

A real application in this process; each request is answered whole, template and all. It also counts the
statements of one request: as many for a page of fifty items as for a page of one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event, text

from engine.model import ReasonCode
from service.access.model import Role
from service.migrations import schema
from service.review.model import gravest
from service.review.tables import review_item
from service.storage import rows as marking
from service.storage import sealing
from service.storage.database import Database
from tests.service import postgres
from tests.service.console.conftest import Console, console_on
from tests.service.databases import MASTER

WANTED = 300.0
"""Milliseconds at the 95th percentile."""
REQUESTS = 60
PRISONS = ("LEI", "MDI", "BXI", "WWI", "PVI", "HLI", "DGI", "NHI")
PATHS = ("/queue", "/queue?prison=LEI", "/queue?channel=letter&code=HOUSEHOLD")


def fill(console: Console, items: int) -> None:
    """Open items of every kind, of the last two weeks."""
    rng = random.Random(11)
    codes = [code.value for code in ReasonCode]
    now = console.clock()
    rows: list[dict[str, Any]] = []
    for seq in range(10_000, 10_000 + items):
        code, gravity = gravest(rng.choice(codes))
        at = now - timedelta(seconds=rng.randrange(14 * 86400))
        rows.append(
            {
                "seq": seq,
                "at": at,
                "channel": rng.choice(("call", "message", "letter")),
                "establishment": rng.choice(PRISONS),
                "prisoner": f"X{rng.randrange(10_000):04}BC",
                "code": code,
                "gravity": gravity + 50 * (rng.random() < 0.1),
                "guarded": False,
                "state": "open",
                "due": at + timedelta(hours=4),
                "token": 0,
            }
        )
    with console.system.database.write() as connection:
        for start in range(0, items, 5_000):
            marking.insert(connection, console.system.vault, review_item, rows[start : start + 5_000])
    with console.system.database.engine.connect().execution_options(
        isolation_level="AUTOCOMMIT"
    ) as connection:
        connection.execute(text("ANALYZE"))


def databases(folder: Path) -> Iterator[tuple[str, Database]]:
    """An empty database of each kind."""
    yield "SQLite", Database(f"sqlite:///{folder / 'nocontact.db'}")
    with postgres.running() as url:
        yield "PostgreSQL", Database(url)


def measure(console: Console, path: str) -> tuple[list[float], int]:
    """Milliseconds of each request, and the statements of one."""
    visitor = console.visitor(Role.REVIEWER, name="ann")
    statements: list[str] = []
    engine: Engine = console.system.database.engine

    def note(*given: Any) -> None:
        statements.append(given[2])

    visitor.get(path)
    event.listen(engine, "before_cursor_execute", note)
    visitor.get(path)
    event.remove(engine, "before_cursor_execute", note)
    times = []
    for _ in range(REQUESTS):
        time.sleep(0.05)
        began = time.perf_counter()
        answer = visitor.get(path)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    return times, len(statements)


def main() -> int:
    """Run it; exit status 1 where a page takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    items = parser.parse_args().items
    late = False
    print(f"{items:,} open items{'':22}{'median ms':>10}{'p95 ms':>9}{'statements':>12}")
    with TemporaryDirectory(prefix="nocontact-queue-") as folder:
        for name, database in databases(Path(folder)):
            schema.create(database)
            with database.write() as connection:
                sealing.make_keys(connection, MASTER)
            vault = sealing.open_vault(database, MASTER)
            with console_on(database, vault, Path(folder) / name) as console:
                fill(console, items)
                for path in PATHS:
                    times, statements = measure(console, path)
                    p95 = quantiles(times, n=20)[-1]
                    late |= p95 > WANTED
                    print(f"{name:11}{path:34}{quantiles(times, n=2)[0]:>6.0f}{p95:>9.0f}{statements:>12}")
            database.close()
    return late


if __name__ == "__main__":
    sys.exit(main())
