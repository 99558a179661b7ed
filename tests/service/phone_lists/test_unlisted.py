"""Which keys ask about numbers on no prisoner's list."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert

from engine.model import Contact
from service.access.model import Principal, Role
from service.check.probing import UNLISTED, WITHIN, Probing, Sign
from service.phone_lists.tables import phone_entry
from service.phone_lists.unlisted import Unlisted
from service.registry import lookup
from service.storage.database import Database
from service.storage.sealing import Vault

SWITCH = Principal("key:switch", frozenset({Role.PHONE_SYSTEM}))
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Watched:
    """The look-up with a clock, and the signs that it gave."""

    def __init__(self, database: Database, vault: Vault, *, is_on: bool = True) -> None:
        self.now = 0.0
        self.signs: list[str] = []
        self.probing = Probing(lambda key, words: None, self.signs.append, lambda: self.now)
        self.unlisted = Unlisted(database, vault, self.probing, lambda: is_on, lambda: self.now)

    def dial(self, *numbers: str) -> None:
        self.probing.asked(SWITCH, numbers)
        assert self.unlisted.step() == 0


def spread(first: int, count: int) -> list[str]:
    """Numbers that are nobody's neighbours."""
    return [f"07{(first + n) * 7919 % 10**9:09}" for n in range(count)]


def put_on_a_list(database: Database, vault: Vault, numbers: list[str]) -> None:
    rows = [
        {"prisoner": "X1234BC", "number": digest, "first_seen": None, "confidential": False, "sealed": b""}
        for number in numbers
        for digest in lookup.contact_digests(vault, Contact(kind="phone", value=number))
    ]
    with database.write() as connection:
        connection.execute(insert(phone_entry), rows)


def test_many_numbers_on_no_list_are_told_of(database: Database, vault: Vault) -> None:
    listed = spread(1, UNLISTED)
    put_on_a_list(database, vault, listed)
    watched = Watched(database, vault)
    watched.dial(*listed)
    watched.dial(*spread(1_000, UNLISTED))
    assert watched.signs == []  # as many are on one
    watched.dial(*spread(3_000, 3))
    assert watched.signs == [Sign.UNLISTED]


def test_those_of_long_ago_do_not_count(database: Database, vault: Vault) -> None:
    watched = Watched(database, vault)
    watched.dial(*spread(1, UNLISTED - 1))
    watched.now = WITHIN + 1
    watched.dial(*spread(1_000, UNLISTED - 1))
    assert watched.signs == []


def test_where_no_lists_are_read_nothing_is_told_by_them(database: Database, vault: Vault) -> None:
    watched = Watched(database, vault, is_on=False)
    watched.dial(*spread(1, 2 * UNLISTED))
    assert watched.signs == []
