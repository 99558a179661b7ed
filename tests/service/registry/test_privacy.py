"""What the database keeps in plain gives nobody away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.model import Contact, Exemption, ProtectedPerson
from service.registry.model import Request
from service.registry.registry import Registry
from service.storage.database import Database, metadata
from tests.service.conftest import serving_postgres
from tests.service.registry.listings import ANOTHER, ASKER, SECOND, confirmed, entry, phones, restriction

DETAILS = (
    "Zephyrine", "Quillfeather", "Zeph", "900123", "7700900123", "900 123", "900456", "7700900456",
    "Marrowbone", "LS1 4AB", "LS14AB", "zephq", "her brother", "because she fears", "Inspector Wragby",
    "ref-77123", "case is closed", "a note of hers", "necessary because", "Oxblood", "79460321", "7946 0321",
    "Law Society roll", "her own office", "why I looked", "confirmed after a talk",
)  # fmt: skip


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A server of one's own: its files and its log hold what these tests wrote and nothing else."""
    yield from serving_postgres()


@pytest.fixture
def lived(registry: Registry) -> Registry:
    """A registry after a life of every kind of change, with a detail in every field that takes one."""
    restrictions, approvals = registry.restrictions, registry.approvals
    contacts = (
        *phones("07700 900123"),
        Contact(kind="address", value="Flat 2, 10 Marrowbone Street, Leeds LS1 4AB"),
        Contact(kind="email", value="zephq@example.org"),
        Contact(kind="handle", value="@zephq"),
    )
    first = restriction(
        "R1",
        protected=ProtectedPerson(name="Zephyrine Quillfeather", aliases=("Zeph Quillfeather",)),
        contacts=contacts,
        pathway=4,
        exceptions=(Exemption(prisoner=ANOTHER, contact="07700 900123", note="her brother"),),
    )
    asked_by = Request(id="1", agency="police", requester="Inspector Wragby", reference="ref-77123")
    made = restrictions.create(
        ASKER,
        first,
        asked_by,
        justification="necessary because she fears him",
        review="2026-12-01",
        notes="a note of hers",
        reason="because she fears him",
    )
    assert made.version is not None
    restrictions.view(ASKER, made.version, "why I looked")
    asked = restrictions.change(
        ASKER,
        "R1",
        1,
        "because she fears him no more",
        restriction=restriction("R1", "07700 900456", protected=first.protected),
    ).approval
    assert asked is not None
    approvals.view(SECOND, asked.id, "why I looked")
    approvals.confirm(SECOND, asked.id, "confirmed after a talk")
    last = restrictions.withdraw_request(ASKER, "R1", 3, "1", "case is closed").approval
    assert last is not None
    approvals.refuse(SECOND, last.id, "confirmed after a talk")
    solicitor = entry("E1", "020 7946 0321", name="Oxblood and Hale")
    listed = registry.register.add(ASKER, solicitor, "Law Society roll", "her own office").approval
    assert listed is not None
    confirmed(registry, SECOND, listed.id)
    registry.register.remove(ASKER, "E1", 1, "her own office")
    registry.prisoners.move(ASKER, "A1234BC", "LEI")
    registry.prisoners.merge(ASKER, "A1234BC", ANOTHER)
    return registry


def given_away(kept: bytes) -> list[str]:
    """Those in what is kept; a digest may hold a few letters by chance: such count where they stand alone."""
    kept = kept.lower()
    return [detail for detail in DETAILS if _stands_in(detail.lower().encode(), kept)]


def _stands_in(detail: bytes, kept: bytes) -> bool:
    if len(detail) > 7 or detail not in kept:  # which is far sooner known than where it stands alone
        return detail in kept
    return re.search(rb"(?<![0-9a-z])%b(?![0-9a-z])" % re.escape(detail), kept) is not None


def test_every_detail_can_be_read_by_who_may(lived: Registry) -> None:
    """Otherwise the searches for them would find nothing for want of anything."""
    documents = [one.document for one in lived.versions.history("R1").versions]
    entries = [one.document for one in lived.register.history("E1").versions]
    assert {"Zephyrine", "900123", "Marrowbone", "Oxblood", "a note of hers"} <= set(
        given_away(repr((documents, entries)).encode())
    )
    assert [one.id for one in lived.versions.find(contact="+447700900456").versions] == ["R1"]
    assert [one.id for one in lived.versions.find(name="Quillfeather").versions] == ["R1"]


def test_no_column_of_any_table_holds_a_detail(lived: Registry, database: Database) -> None:
    rows = 0
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                for value in row:
                    kept = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    assert given_away(kept) == [], table.name
                rows += 1
    assert rows > 20


def files_of(database: Database, folder: Path) -> list[Path]:
    """Every file with data in it, the log of the last writes included."""
    if database.is_sqlite:
        return sorted(folder.glob("nocontact.db*"))
    with database.read() as connection:
        data = Path(connection.execute(text("SHOW data_directory")).scalar_one())
    return [file for part in ("base", "pg_wal") for file in (data / part).rglob("*") if file.is_file()]


def test_no_file_of_the_database_holds_a_detail(lived: Registry, database: Database, tmp_path: Path) -> None:
    everything = b"".join(file.read_bytes() for file in files_of(database, tmp_path))
    assert b"user:asker" in everything
    assert given_away(everything) == []
