"""How long the pages of cases take with 100,000 of them, on SQLite and on PostgreSQL.

    make case-bench

A real application in this process; each request is answered whole, template and all, with its record in the
ledger where it makes one. Beside the time that passes, which others on the machine lengthen, stand processor
time and the statements of one request.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, event, insert, text

from benchmarks.load.queue import WANTED, databases
from engine.model import Contact
from service.access.model import Role
from service.cases.figures import counted
from service.cases.model import OPEN, Case, CaseDocument, CaseState, Consideration, Notice
from service.cases.tables import case_figure, case_version
from service.migrations import schema
from service.public.asked import Asker, Protected, PublicRequest, Sought
from service.registry.ids import ALPHABET
from service.registry.tables import prisoner as prisoner_table
from service.storage import rows as marking
from service.storage import sealing
from tests.service.console.conftest import Console, Visitor, console_on
from tests.service.databases import MASTER

REQUESTS = 30
PRISONS = ("LEI", "MDI", "BXI", "WWI", "PVI", "HLI", "DGI", "NHI")
OFFICER = "oidc:ann"
"""Who looks, and to whom a thousandth of the cases belongs."""
MONTHS = 24
"""Over which they came in."""
STATES = {
    CaseState.IN_FORCE: 60,
    CaseState.RECEIVED: 12,
    CaseState.CONSIDERING: 10,
    CaseState.REFUSED: 6,
    CaseState.ENDED: 5,
    CaseState.NOT_FOUND: 2,
    CaseState.WITHDRAWING: 1,
}
OF_REPORTS = {CaseState.INVESTIGATING: 1, CaseState.CLOSED: 3}
DEEP = 0.8
"""How far down the list of what is open the deep page begins."""


class Told(NamedTuple):
    """What one page took, in milliseconds."""

    median: float
    p95: float
    processor: float
    statements: int


def case_of(rng: random.Random, number: int, now: datetime) -> Case:
    """An invented case; its moment of receipt is somewhere in the last months."""
    is_report = rng.random() < 0.1
    state = rng.choices(*zip(*(OF_REPORTS if is_report else STATES).items(), strict=True))[0]
    received = now - timedelta(seconds=rng.randrange(MONTHS * 30 * 86400))
    approved = received + timedelta(hours=min(rng.expovariate(1 / 30), 2000))
    is_known = state not in (CaseState.RECEIVED, CaseState.NOT_FOUND)
    prisoner = f"X{rng.randrange(10_000):04}BC" if is_known else None
    phone = f"07700 9{rng.randrange(100_000):05}"
    is_approved = state in (CaseState.IN_FORCE, CaseState.WITHDRAWING, CaseState.ENDED)
    document = CaseDocument(
        asked=PublicRequest(
            reference="UPC-2222-2222",
            at=received.isoformat(),
            kind="continuing" if is_report else "stop",
            asker=Asker(who=rng.choice(("self", "police", "family", "probation")), name="Maren Thistlewood"),
            sought=Sought(name="Corin Blackmere", number=prisoner or ""),
            person=Protected(
                name="Maren Thistlewood",
                numbers=(phone,),
                addresses=("14 Larkmead Street\nAmbermouth\nZZ1 4AB",),
            ),
            happened="He called, and wrote. " * 20,
        ),
        channel=rng.choice(("form", "form", "form", "email", "telephone")),
        prisoner=prisoner,
        contacts=(Contact(kind="phone", value=phone),) if is_known else (),
        consideration=Consideration(pathway=rng.choice((1, 2, 3, 4)), at=approved.isoformat())
        if is_approved
        else None,
        notice=Notice(served=approved.isoformat()) if is_approved and rng.random() < 0.7 else Notice(),
        route=rng.choice(("call", "letter", "fellow_prisoner")) if state is CaseState.CLOSED else "",
    )
    digits = [ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(8)]
    return Case(
        id="C-" + "".join(digits),
        version=1,
        seq=10_000 + number,
        at=received,
        author="intake",
        state=state,
        kind=document.asked.kind,
        urgency=rng.choice(("usual", "usual", "soon", "today")),
        due=now + timedelta(seconds=rng.randrange(-20 * 86400, 5 * 86400)) if state in OPEN else None,
        assigned=OFFICER if rng.random() < 0.001 else rng.choice((None, "oidc:bob", "oidc:cy")),
        prisoner=prisoner,
        establishment=PRISONS[int(prisoner[1:5]) % len(PRISONS)] if prisoner else None,
        restriction=None,
        document=document,
    )


def place(console: Console) -> None:
    """Ten thousand prisoners, each in one of the prisons."""
    made = [
        {
            "number": f"X{number:04}BC",
            "version": 1,
            "seq": number + 1,
            "at": console.clock(),
            "author": "import",
            "latest": True,
            "establishment": PRISONS[number % len(PRISONS)],
        }
        for number in range(10_000)
    ]
    with console.system.database.write() as connection:
        marking.insert(connection, console.system.vault, prisoner_table, made)
    console.system.registry.prisoners.reload()


def fill(console: Console, cases: int) -> list[Case]:
    """Cases of every kind; gives what of them is open, the first due first."""
    rng, now, vault = random.Random(11), console.clock(), console.system.vault
    place(console)
    pack, still_open = msgspec.msgpack.Encoder().encode, []
    for start in range(0, cases, 5_000):
        made = [case_of(rng, number, now) for number in range(start, min(start + 5_000, cases))]
        rows: list[dict[str, Any]] = [
            {
                **{name: getattr(one, name) for name in one.__struct_fields__ if name != "document"},
                "latest": True,
                "source": None,
                "sealed": vault.seal(pack(one.document), f"case/{one.id}/1"),
            }
            for one in made
        ]
        with console.system.database.write() as connection:
            marking.insert(connection, vault, case_version, rows)
            connection.execute(insert(case_figure), [counted(vault, one) for one in made])
        still_open += [msgspec.structs.replace(one, document=made[0].document) for one in made if one.due]
    with console.system.database.engine.connect().execution_options(
        isolation_level="AUTOCOMMIT"
    ) as connection:
        connection.execute(text("ANALYZE"))
    return sorted(still_open, key=lambda one: (one.due, one.id))


def pages(still_open: list[Case]) -> Iterator[tuple[str, str]]:
    """A name and an address of each."""
    for which in ("open", "mine", "overdue", "in_force", "done"):
        yield which, f"/cases?which={which}"
    deep = still_open[int(len(still_open) * DEEP)]
    yield "open, deep", f"/cases?which=open&after={deep.due:%Y-%m-%dT%H:%M:%S.%f}Z~{deep.id}"
    known = next(one for one in still_open if one.state is CaseState.CONSIDERING)
    yield "in force, deep", "/cases?which=in_force&after=~C-KKKKKKKK"
    yield "a case", f"/cases/{known.id}"
    yield "figures", "/cases/figures"
    yield "figures, as CSV", "/cases/figures/prisons.csv"


def measure(console: Console, visitor: Visitor, path: str) -> Told:
    """Ask for a page again and again."""
    statements: list[str] = []
    engine: Engine = console.system.database.engine

    def note(*given: Any) -> None:
        statements.append(given[2])

    visitor.get(path)
    event.listen(engine, "before_cursor_execute", note)
    visitor.get(path)
    event.remove(engine, "before_cursor_execute", note)
    times, used = [], time.process_time()
    for _ in range(REQUESTS):
        time.sleep(0.02)
        began = time.perf_counter()
        answer = visitor.get(path)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    processor = (time.process_time() - used) * 1000 / REQUESTS
    return Told(quantiles(times, n=2)[0], quantiles(times, n=20)[-1], processor, len(statements))


def main() -> int:
    """Run it; exit status 1 where a page takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    cases = parser.parse_args().cases
    late = False
    print(f"{cases:,} cases{'':31}{'median ms':>10}{'p95 ms':>9}{'processor ms':>14}{'statements':>12}")
    with TemporaryDirectory(prefix="nocontact-cases-") as folder:
        for name, database in databases(Path(folder)):
            schema.create(database)
            with database.write() as connection:
                sealing.make_keys(connection, MASTER)
            vault = sealing.open_vault(database, MASTER)
            with console_on(database, vault, Path(folder) / name) as console:
                still_open = fill(console, cases)
                everywhere = console.visitor(Role.CASE_OFFICER, name="ann")
                of_one = console.visitor(Role.CASE_OFFICER, name="eve", prisons=("LEI",))
                asked = [(what, path, everywhere) for what, path in pages(still_open)]
                asked += [
                    ("open, of one prison", "/cases?which=open", of_one),
                    ("figures, of one prison", "/cases/figures", of_one),
                ]
                for what, path, visitor in asked:
                    told = measure(console, visitor, path)
                    late |= told.p95 > WANTED
                    print(
                        f"{name:12}{what:33}{told.median:>10.0f}{told.p95:>9.0f}{told.processor:>14.0f}"
                        f"{told.statements:>12}",
                        flush=True,
                    )
            database.close()
    return late


if __name__ == "__main__":
    sys.exit(main())
