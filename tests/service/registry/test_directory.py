"""The directory of prisoners: found by keyed hashes, each change a version, nothing plain but the number."""

from __future__ import annotations

from sqlalchemy import select, update

from matchers.person.tokens import sound
from service.operations.verifying import verify_rows
from service.registry.directory import Particulars, family_hash, pair_hash, rest_hash
from service.registry.registry import Registry
from service.registry.tables import directory_version
from service.storage.database import metadata
from tests.service.registry.listings import ANOTHER, HIS

CORIN = Particulars(name="BLACKMERE, Corin Hale", aliases=("Cory Marsh",), born="1981-05-03")


def put(registry: Registry, number: str, who: Particulars) -> tuple[int, int]:
    with registry.journal.write() as connection:
        return registry.directory.put(connection, "operator:test", {number: who})


def test_what_is_the_same_is_left_alone_and_what_changed_is_a_version(registry: Registry) -> None:
    assert put(registry, HIS, CORIN) == (1, 0)
    assert put(registry, HIS, CORIN) == (0, 0)
    later = Particulars(name="BLACKMERE, Corin", born="1981-05-03")
    assert put(registry, HIS, later) == (0, 1)
    assert registry.directory.get([HIS, ANOTHER]) == {HIS: later}
    assert verify_rows(registry.journal.database, registry.journal.vault) == []


def test_he_is_found_as_he_sounds_misheard_and_shortened(registry: Registry) -> None:
    put(registry, HIS, CORIN)
    vault = registry.journal.vault
    for digest in (
        family_hash(vault, "blakmere"),
        rest_hash(vault, "flackmere"),
        pair_hash(vault, "corin", "bxx"),
        pair_hash(vault, "cory", "marsh"),
    ):
        assert registry.directory.numbers([digest]) == {HIS}
    assert registry.directory.numbers([family_hash(vault, "harris")], ["%1234%"]) == {HIS}
    assert registry.directory.numbers([], ["B____BC"]) == set()


def test_nothing_of_him_but_his_number_is_plain(registry: Registry) -> None:
    put(registry, HIS, CORIN)
    with registry.journal.database.read() as connection:
        plain = "".join(
            repr(tuple(row))
            for table in metadata.tables.values()
            for row in connection.execute(select(table))
        ).lower()
    for planted in ("blackmere", "corin", "cory", "marsh", "1981", sound("blackmere")):
        assert planted not in plain
    assert HIS.lower() in plain


def test_a_row_that_was_changed_is_not_believed_and_not_written_over(registry: Registry) -> None:
    put(registry, HIS, CORIN)
    put(registry, ANOTHER, Particulars(name="Another"))
    table = directory_version
    with registry.journal.database.write() as connection:
        sealed = connection.execute(select(table.c.sealed).where(table.c.id == ANOTHER)).scalar_one()
        connection.execute(update(table).where(table.c.id == HIS).values(sealed=sealed))
    assert set(registry.directory.get([HIS, ANOTHER])) == {ANOTHER}
    put(registry, HIS, CORIN)
    assert set(registry.directory.get([HIS, ANOTHER])) == {ANOTHER}
