"""How long the pages of cases take with 100,000 of them, on SQLite and on PostgreSQL.

    make case-bench

Behind each case that is in force is a restriction, others stand without one: as many as there are cases. A
real application in this process; each request is answered whole, template and all, with its record in the
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
from engine.model import Contact, ProtectedPerson, Restriction
from service.access.model import Role
from service.cases import keys
from service.cases.figures import counted
from service.cases.model import HOLDING, OPEN, Case, CaseDocument, CaseState, Consideration, Notice
from service.cases.outbox import HERS, MessageState, SealedMessage
from service.cases.tables import case_figure, case_key, case_message, case_version
from service.migrations import schema
from service.public.asked import Asker, Protected, PublicRequest, Sought
from service.registry.ids import ALPHABET
from service.registry.model import Document, Request
from service.registry.tables import prisoner as prisoner_table
from service.registry.tables import restriction_version
from service.storage import rows as marking
from service.storage import sealing
from service.storage.sealing import Vault, seal_with
from tests.service.console.conftest import Console, Visitor, console_on
from tests.service.databases import MASTER

REQUESTS = 30
PRISONS = ("LEI", "MDI", "BXI", "WWI", "PVI", "HLI", "DGI", "NHI")
OFFICER = "oidc:ann"
"""Who looks, and to whom a thousandth of the cases belongs."""
SLOW = 2_000.0
"""Milliseconds from which on a page is asked for three times only."""
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
    first: float
    """Of processor time, at the first look."""
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
        restriction=f"R{number}" if state in HOLDING else None,
        document=document,
    )


def message_of(rng: random.Random, one: Case, vault: Vault, key: bytes) -> dict[str, Any]:
    """What whoever asked is told of it: mostly sent, of the rest a part never."""
    drawn = rng.random()
    state = MessageState.SENT if drawn < 0.8 else MessageState.WAITING if drawn < 0.9 else MessageState.HELD
    held_because = HERS if drawn > 0.95 else "to be looked at" if drawn > 0.9 else ""
    message = SealedMessage(
        to="m@example.org", subject="About your request", text="It is there. " * 20, held_because=held_because
    )
    return {
        "id": one.id,
        "version": 1,
        "at": one.at,
        "step": "received",
        "state": state.value,
        "done_by": None,
        "done_at": None,
        "sealed": seal_with(key, msgspec.msgpack.encode(message), f"message/{one.id}/1"),
    }


def restriction_of(rng: random.Random, number: int, one: Case, vault: Vault) -> dict[str, Any]:
    """The restriction behind a case, or one without a case; a tenth with a last day."""
    id_, day = f"R{number}", timedelta(days=1)
    is_known = one.state in HOLDING
    restriction = Restriction(
        id=id_,
        prisoner=one.prisoner or f"X{number % 10_000:04}BC",
        protected=ProtectedPerson(name="Maren Thistlewood"),
        contacts=one.document.contacts or (Contact(kind="phone", value=f"07700 9{number % 100_000:05}"),),
        until=(one.at + 730 * day + rng.randrange(400) * day).date().isoformat()
        if rng.random() < 0.1
        else None,
    )
    document = Document(
        restriction=restriction,
        requests=(Request(id=one.id if is_known else "1", agency="Police"),),
        review=(one.at + 720 * day + rng.randrange(400) * day).date().isoformat(),
    )
    return {
        "id": id_,
        "version": 1,
        "seq": 10_000 + number,
        "at": one.at,
        "author": "intake",
        "state": "standing",
        "latest": True,
        "court_order": False,
        "sealed": vault.seal(msgspec.msgpack.encode(document), f"restriction/{id_}/1"),
    }


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
    pack, still_open, drawing = msgspec.msgpack.Encoder().encode, [], random.Random(12)
    for start in range(0, cases, 5_000):
        made = [case_of(rng, number, now) for number in range(start, min(start + 5_000, cases))]
        of_cases = {one.id: drawing.randbytes(32) for one in made}
        rows: list[dict[str, Any]] = [
            {
                **{name: getattr(one, name) for name in one.__struct_fields__ if name != "document"},
                "latest": True,
                "source": None,
                "sealed": seal_with(of_cases[one.id], pack(one.document), keys.place(one.id, 1)),
            }
            for one in made
        ]
        wrapped = [{"id": id_, "sealed": vault.seal(key, f"case key/{id_}")} for id_, key in of_cases.items()]
        messages = [message_of(drawing, one, vault, of_cases[one.id]) for one in made]
        standing = [restriction_of(drawing, start + at, one, vault) for at, one in enumerate(made)]
        with console.system.database.write() as connection:
            connection.execute(insert(case_key), wrapped)
            marking.insert(connection, vault, case_version, rows)
            marking.insert(connection, vault, case_message, messages)
            marking.insert(connection, vault, restriction_version, standing)
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
    yield "my work", "/"
    yield "notices", "/cases/notices"
    yield "messages", "/cases/messages"
    yield "reminders", "/cases/reminders"
    yield "figures", "/cases/figures"
    yield "figures, as CSV", "/cases/figures/prisons.csv"


def measure(console: Console, visitor: Visitor, path: str) -> Told:
    """Ask for a page again and again."""
    statements: list[str] = []
    engine: Engine = console.system.database.engine

    def note(*given: Any) -> None:
        statements.append(given[2])

    began = time.process_time()
    if visitor.get(path).status_code != 200:
        raise RuntimeError(path)
    first = (time.process_time() - began) * 1000
    event.listen(engine, "before_cursor_execute", note)
    visitor.get(path)
    event.remove(engine, "before_cursor_execute", note)
    times, used = [], time.process_time()
    for _ in range(REQUESTS if first < SLOW else 3):
        time.sleep(0.02)
        began = time.perf_counter()
        answer = visitor.get(path)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    processor = (time.process_time() - used) * 1000 / len(times)
    return Told(quantiles(times, n=2)[0], quantiles(times, n=20)[-1], first, processor, len(statements))


def main() -> int:
    """Run it; exit status 1 where a page takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    cases = parser.parse_args().cases
    late = False
    print(
        f"{cases:,} cases{'':31}{'median ms':>10}{'p95 ms':>9}{'first CPU':>11}{'CPU ms':>8}"
        f"{'statements':>12}"
    )
    with TemporaryDirectory(prefix="nocontact-cases-") as folder:
        for name, database in databases(Path(folder)):
            schema.create(database)
            with database.write() as connection:
                sealing.make_keys(connection, MASTER)
            vault = sealing.open_vault(database, MASTER)
            with console_on(database, vault, Path(folder) / name) as console:
                console.system.current.stop()  # it would read all that is filled in, beside what is measured
                still_open = fill(console, cases)
                everywhere = console.visitor(Role.CASE_OFFICER, name="ann")
                of_one = console.visitor(Role.CASE_OFFICER, name="eve", prisons=("LEI",))
                of_none = console.visitor(Role.CASE_OFFICER, name="fay", prisons=("ZZZ",))
                auditor = console.visitor(Role.AUDITOR, name="gus")
                asked = [(what, path, everywhere) for what, path in pages(still_open)]
                asked += [
                    ("open, of one prison", "/cases?which=open", of_one),
                    ("figures, of one prison", "/cases/figures", of_one),
                    ("open, of a prison without", "/cases?which=open", of_none),
                    ("in force, of one prison", "/cases?which=in_force", of_one),
                    ("my work, of one prison", "/", of_one),
                    ("notices, of one prison", "/cases/notices", of_one),
                    ("messages, of one prison", "/cases/messages", of_one),
                    ("reminders, of one prison", "/cases/reminders", of_one),
                    ("restrictions ending", "/restrictions/ending", auditor),
                ]
                for what, path, visitor in asked:
                    told = measure(console, visitor, path)
                    late |= told.p95 > WANTED
                    print(
                        f"{name:12}{what:33}{told.median:>10.0f}{told.p95:>9.0f}{told.first:>11.0f}{told.processor:>8.0f}"
                        f"{told.statements:>12}",
                        flush=True,
                    )
            database.close()
    return late


if __name__ == "__main__":
    sys.exit(main())
