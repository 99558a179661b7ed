"""Rows of every sealed table are spoiled behind everybody's back: no page and no list is blinded by them.

What is listed names the ids that cannot be read, and the page of one such thing says that of itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from itertools import chain
from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import Column, Connection, LargeBinary, Table, select, text, update

from engine.model import ConfidentialEntry, Contact, ProtectedPerson
from service.access.model import Principal, Role
from service.cases.tables import case_version
from service.operations.health import ready
from service.operations.missing import LeftOut
from service.registry.directory_import import import_prisoners
from service.registry.tables import restriction_version
from service.review.model import Outcome
from service.storage.database import Moment, metadata
from tests.service.cases.asking import SECOND, approved, asked
from tests.service.cases.test_outbox import POLICE
from tests.service.console.conftest import NUMBER, OFFICER, PRISONER, Console
from tests.service.console.filling import ADMIN, fill
from tests.service.console.places import ANYBODY, MAY, filled
from tests.service.registry.listings import confirmed
from tests.service.review.queue_of_one import ANN, opened

PLAIN = frozenset(
    "mac digest hash key signature frontier root contact number basis source id".split()  # keyed hashes, keys
)
"""Binary columns in which nothing is sealed."""
ELSEWHERE = {
    "data_key": "without it there is no service: `nocontact verify`",
    "feed_change": "read by the publisher alone (tests/service/feed)",
    "ledger": "which of its records can be opened is told beside each: test_ledger, test_queue",
    "session": "whoever has it signs in anew",
}
"""Sealed tables that no page lists."""
SEALED = [
    (table, column)
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, LargeBinary) and column.name not in PLAIN and table.name not in ELSEWHERE
]
SAYING = frozenset("kind state outcome channel code urgency step decision action mode roles".split())
"""Plain columns that say one of a few things."""
READING = {
    "/restrictions/search": {"wanted": NUMBER},
    "/search": {"wanted": NUMBER},
    "/people": {"name": "Rhoswen Tallantyre"},
    "/contacts": {"contact": NUMBER, "why": "to see"},
    "/register/search": {"sought": "Ambermouth"},
    "/cases/{case_id}/open": {"why": "to see"},
    "/cases/{case_id}/look-back": {},
    "/cases/{case_id}/bundle": {"why": "asked for", "reader": "court"},
    "/queue/{seq}/show": {"why": "to see"},
    "/restrictions/show/{restriction_id:path}": {"why": "to see"},
    "/people/of/{restriction_id:path}": {"why": "to see"},
    "/phone-lists/{place}/show": {"why": "to see"},
    "/approvals/{approval_id}/show": {"why": "to see"},
    "/try": {"channel": "call", "to": NUMBER, "prisoner": PRISONER, "establishment": "LEI"},
}
"""Forms that change nothing, as somebody fills them in."""


FEW = (Role.CASE_OFFICER, Role.REVIEWER, Role.ADMIN)
"""Between them they may see almost every page."""


class Blinded(NamedTuple):
    """A console, and the ids that addresses name, of which the first of each kind is spoiled."""

    console: Console
    ids: dict[str, list[str]]


def filled_twice(console: Console) -> dict[str, list[str]]:
    """Two of everything; gives the ids that addresses name."""
    values, system = fill(console), console.system
    registry, cases, access = system.registry, system.cases, system.access
    console.restrict(id="R9", protected=ProtectedPerson(name="Rhoswen Tallantyre"))
    two = registry.restrictions.withdraw_request(OFFICER, "R9", 1, "1", "she asked").approval
    assert two is not None
    line = (Contact(kind="phone", value="020 7946 0017"),)
    entry = ConfidentialEntry(id="E2", name="Ambermouth Courts", kind="court", contacts=line)
    waits = registry.register.add(OFFICER, entry, "looked up").approval
    assert waits is not None
    confirmed(registry, SECOND, waits.id)
    lines = b"number,name,born,prison\nX1234BC,Corin Blackmere,,LEI\nX2345BC,Alan Blackmere,,LEI\n"
    import_prisoners(registry, "operator:test", BytesIO(lines))
    for number in (PRISONER, "X2345BC"):
        registry.monitorings.start(OFFICER, number, f"{console.clock():%Y-%m-%d}", "threats", "")
    made = [approved(cases, asked(f"UPC-2222-222{n}", asker=POLICE), 3) for n in range(2)]
    for case in made:
        cases.view(OFFICER, case, "to look at it")
    access.accounts.create(ADMIN, "two", "Two Smith", [Role.REVIEWER], ["LEI"])
    access.keys.create(ADMIN, "switch2", [Role.PHONE_SYSTEM], ["LEI"], label="another")
    with system.database.read() as connection:
        seqs = list(connection.execute(select(metadata.tables["review_item"].c.seq)).scalars())
    for seq in seqs[:2]:
        system.reviews.decide(ANN, seq, opened(system.reviews, ANN, seq), Outcome.UPHOLD, "restricted", "so")
    return {
        "case_id": [one.id for one in made],
        "restriction_id": ["R1", "R9", made[0].id],
        "approval_id": [values["approval_id"], two.id],
        "entry_id": ["E1", "E2"],
        "number": [PRISONER, "X2345BC"],
        "seq": [str(seq) for seq in seqs[:3]],
        "place": ["LEI"],
        "code": ["LEI"],
        "name": ["jsmith", "two", "decisions"],
        "key_id": ["switch", "switch2"],
        "tray": [values["tray"]],
        "item": [values["item"]],
        "channel": ["call"],
        "attempt_id": ["C1"],
        "act": ["note"],
    }


def spoil(connection: Connection, table: Table, column: Column[Any], ids: Collection[str]) -> None:
    """The rows that these ids name, or the first one."""
    keys, wanted = list(table.primary_key), select(table).where(column.is_not(None))
    if "latest" in table.c:
        wanted = wanted.where(table.c.latest)
    rows = connection.execute(wanted.order_by(*keys)).all()
    for row in [row for row in rows if str(row[0]) in ids] or rows[:1]:
        this = (key == row._mapping[key.name] for key in keys)
        connection.execute(update(table).where(*this).values({column.name: b"\0" * 64}))


def misstate(connection: Connection) -> None:
    """Plain columns come to say what nobody knows: in one row of each table its state, in another the rest,
    and times that are none."""
    for table in metadata.sorted_tables:
        columns = [one for one in table.c if "mac" in table.c and not one.primary_key]
        said = [one for one in columns if one.name in SAYING]
        times = [one for one in columns if isinstance(one.type, Moment)]
        states = [one for one in said if one.name == "state"]
        rows = connection.execute(select(*table.primary_key).order_by(*table.primary_key)).all()
        for row, some in zip(rows[-2:], (states or said, [*said, *times]), strict=False):
            values = {one.name: "odd" for one in some if one.name != "state" or some == states}
            if values and table.name != "session":
                this = " AND ".join(f'"{key.name}" = :key_{key.name}' for key in table.primary_key)
                put = ", ".join(f'"{name}" = :{name}' for name in values)
                keys = {f"key_{name}": value for name, value in row._mapping.items()}
                connection.execute(text(f'UPDATE "{table.name}" SET {put} WHERE {this}'), values | keys)  # noqa: S608


def addresses(pattern: str, ids: dict[str, list[str]]) -> list[str]:
    """Each address of a pattern, with one id and the others' first."""
    names = re.findall(r"{(\w+)", pattern)
    first = {name: values[0] for name, values in ids.items()}
    varied = [first | {name: value} for name in names for value in ids[name]] or [first]
    return list(dict.fromkeys(filled(pattern, values) for values in varied))


def walk(blinded: Blinded, roles: Sequence[Role], *prisons: str) -> Iterator[tuple[str, httpx.Response]]:
    """Every list as each of the roles that may see it, other pages as the first of them; and what came."""
    console, ids = blinded
    people = {role: console.visitor(role, name=f"{role} {prisons}", prisons=prisons) for role in roles}
    for place, may in MAY.items():
        method, _, pattern = place.partition(" ")
        if method == "GET" and pattern != "/queue/counts" and may != ANYBODY:
            those = [who for role, who in people.items() if role in may]  # type: ignore[operator]
            for address in addresses(pattern, ids):
                yield from ((address, who.get(address)) for who in (those[:1] if "{" in pattern else those))
    for pattern, form in READING.items():
        for who in [who for role, who in people.items() if role in MAY[f"POST {pattern}"]][:1]:  # type: ignore[operator]
            yield from ((one, who.post(one, **form)) for one in addresses(pattern, ids))


def api(blinded: Blinded) -> Iterator[tuple[str, httpx.Response]]:
    """Every list and thing of the API, as whoever may see it, and what came."""
    console, ids = blinded
    client = console.stranger()
    keys = [
        console.key_of(Principal(f"key:{number}-machine", frozenset({role})))
        for number, role in enumerate((Role.CASE_OFFICER, Role.REVIEWER, Role.AUDITOR))
    ]
    admin = console.visitor(Role.ADMIN, name="api-admin")
    document = client.get("/openapi.json", headers=keys[0]).json()
    for path, operations in document["paths"].items():
        for address in addresses(path, ids) if "get" in operations else ():
            answers = (client.get(address, headers=key) for key in keys)
            yield address, next((one for one in answers if one.status_code != 403), admin.get(address))
    asked_for = {"contact": NUMBER}
    yield "/v1/restrictions/search", client.post("/v1/restrictions/search", headers=keys[0], json=asked_for)


@pytest.fixture
def blinded(console: Console) -> Blinded:
    """Two of everything, of which the first is spoiled in each sealed table; of a case that can be read, its
    restriction."""
    ids = filled_twice(console)
    spoiled = {values[0] for values in ids.values()}
    with console.system.database.write() as connection:
        for table, column in SEALED:
            spoil(connection, table, column, spoiled)
        spoil(connection, restriction_version, restriction_version.c.sealed, {ids["case_id"][1]})
    return Blinded(console, ids)


def test_nobody_is_blinded_by_one_row(blinded: Blinded) -> None:
    ids = blinded.ids
    first, second = ids["case_id"]
    its_own = re.compile(
        f"(restrictions|reminders|people)/.*(R1|{first}|{second})|register/.*E1|cases/{first}|{ids['item'][0]}"
    )
    pages: dict[str, str] = {}
    whole = blinded.console.system.database.is_sqlite  # the other server knows no other way to a page
    walks = [walk(blinded, [*Role] if whole else FEW[:1]), api(blinded)]
    walks += [walk(blinded, FEW[:1], "LEI")] if whole else []
    for address, answer in chain(*walks):
        pages[address] = pages.get(address, "") + answer.text
        if answer.status_code >= 500:
            assert (answer.status_code, bool(its_own.search(address))) == (503, True), (address, answer.text)
            assert "ell whoever runs the service" in answer.text, address
    told = naming(ids)
    for address in told.keys() & pages.keys():
        assert told[address] in pages[address], address
    assert len(pages) > 60
    assert len(told.keys() & pages.keys()) >= (19 if whole else 14)


def test_nobody_is_blinded_by_what_a_plain_column_says(console: Console) -> None:
    ids, system = filled_twice(console), console.system
    lost = ids["case_id"][0]
    with system.database.write() as connection:
        misstate(connection)
        connection.execute(update(case_version).where(case_version.c.id == lost).values(latest=False))
    looking = LeftOut(system.database, system.vault)
    looking.look()
    _, health = ready(system)
    assert "approval 1" in str(health.warnings)
    officer = console.visitor(Role.CASE_OFFICER)
    assert f"Cannot be read: case {lost}" in officer.get("/cases").text
    assert "cannot be read: refuse it" in officer.get("/approvals").text
    whole = system.database.is_sqlite
    met = chain(
        walk(Blinded(console, ids), FEW if whole else ()), api(Blinded(console, ids)) if whole else ()
    )
    failed = [
        (address, answer.status_code)
        for address, answer in met
        if answer.status_code >= 500 and "ell whoever runs the service" not in answer.text
    ]
    assert failed == []


def test_nobody_is_blinded_by_an_older_version(console: Console) -> None:
    ids, system = filled_twice(console), console.system
    registry = system.registry
    for _ in range(2):
        version = registry.versions.get("R9")
        registry.restrictions.change(
            OFFICER, "R9", version.version, "she said so", notes=f"{version.version}"
        )
    registry.register.remove(OFFICER, "E2", 1, "it was closed")
    (monitored,) = registry.monitorings.of(PRISONER)
    registry.monitorings.end(OFFICER, PRISONER, monitored.version, "he moved")
    with system.database.write() as connection:
        for table, column in SEALED:
            if "latest" in table.c:
                old = update(table).where(table.c.latest.is_(False), column.is_not(None))
                connection.execute(old.values({column.name: b"\0" * 64}))
    blinded = Blinded(console, ids)
    whole = system.database.is_sqlite
    met = [(one, answer) for one, answer in chain(walk(blinded, FEW[:2]), api(blinded) if whole else ())]
    failed = {one: answer.text for one, answer in met if answer.status_code >= 500}
    assert failed.keys() <= {f"/approvals/{ids['approval_id'][1]}/show"}, "what it was asked for against"
    assert all("ell whoever runs the service" in text for text in failed.values())
    told = {address: answer.text for address, answer in met}
    assert "Cannot be read: version 2" in told["/restrictions/view/R9"]
    assert "Version 3" in told["/restrictions/view/R9"]
    assert "Cannot be read: version 1" in told["/register/view/E2"]
    if whole:
        assert '"unread":[2,1]' in told["/v1/restrictions/R9/history"]
        assert '"unread":[1]' in told["/v1/register/E2/history"]


def naming(ids: dict[str, list[str]]) -> dict[str, str]:
    """Lists, and what each says cannot be read."""
    approval, second = ids["approval_id"][0], ids["case_id"][1]
    pages = ("/restrictions", "/restrictions/in-force", "/restrictions/ending", "/restrictions/search")
    more = ("/people", "/search", "/contacts", "/prisoners/X1234BC", "/prisons/LEI", "/cases/reminders")
    return {
        **dict.fromkeys((*pages, *more), "R1"),
        **dict.fromkeys(("/v1/restrictions", "/v1/restrictions/search"), '"unread":["'),
        "/approvals": f"Cannot be read: approval {approval}",
        "/v1/approvals": '"unread":true',
        f"/approvals/{approval}": "nobody can confirm it",
        "/register": "Cannot be read: register entry E1",
        "/register/view/E2": "Courts",
        "/restrictions/view/R9": "R9",
        "/register/search": "Cannot be read: register entry E1",
        "/v1/register": '"unread":["E1"]',
        "/accounts": "Cannot be read: account jsmith",
        "/accounts/keys": "Cannot be read: key switch",
        f"/cases/{second}/open": f"restriction {second} cannot be read",
    }
