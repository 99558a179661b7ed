from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from service.errors import InvalidError
from service.ledger import chain, heads
from service.ledger.record import Kind, Record, ledger
from service.ledger.tables import ledger_head
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.ledger.records import append, fill, record

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)
rows = st.tuples(
    *[st.none() | text for _ in chain.COLUMNS[:-1]],
    st.binary(max_size=3),
)


def test_records_are_numbered_from_one_and_the_first_number_is_given(
    database: Database, vault: Vault
) -> None:
    assert append(database, vault, [record(1), record(2)]) == 1
    assert append(database, vault, [record(3)]) == 3
    assert append(database, vault, []) == 4
    with database.read() as connection:
        assert connection.execute(select(ledger.c.seq).order_by(ledger.c.seq)).scalars().all() == [1, 2, 3]


def test_the_stored_hash_is_that_of_the_record_and_the_one_before(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    with database.read() as connection:
        stored = connection.execute(select(ledger.c.hash).order_by(ledger.c.seq)).scalars().all()
    expected, previous = [], chain.BEGINNING
    for number in (1, 2, 3):
        previous = chain.next_hash(previous, number, record(number))
        expected.append(previous)
    assert stored == expected


def test_the_head_is_signed_and_says_with_which_key(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    with database.read() as connection:
        head = chain.head(connection)
        assert (
            connection.execute(select(ledger_head.c.key)).scalar_one() == vault.public_key.public_bytes_raw()
        )
    assert head is not None
    assert (head.seq, head.at) == (3, "2026-01-01T09:30:03.000000Z")
    vault.public_key.verify(head.signature, heads.message(head))


def test_a_transaction_that_is_undone_leaves_no_record_and_no_head(database: Database, vault: Vault) -> None:
    fill(database, vault, 2)

    def fails() -> None:
        with database.write() as connection:
            chain.append(connection, vault, [record(3)])
            raise LookupError

    with pytest.raises(LookupError):
        fails()
    with database.read() as connection:
        head = chain.head(connection)
        assert connection.execute(select(func.max(ledger.c.seq))).scalar_one() == 2
    assert head is not None
    assert head.seq == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actor": "a" * 201}, "actor"),
        ({"prisoner": "A0001AAA"}, "prisoner"),
        ({"subject": "attempt/\0"}, "subject"),
        ({"codes": "\ud800"}, "codes"),
        ({"detail": b"\xff"}, "detail"),
        ({"detail": b"\0"}, "detail"),
    ],
)
def test_a_record_that_a_database_would_refuse_is_refused_before_it(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        chain.columns(msgspec.structs.replace(record(), **change))
    assert caught.value.field == field


def test_a_time_needs_a_zone_and_is_kept_in_utc() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        chain.columns(msgspec.structs.replace(record(), at=datetime(2026, 1, 1)))
    summer = datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=1)))
    assert chain.columns(msgspec.structs.replace(record(), at=summer))[0] == "2026-07-01T08:00:00.000000Z"


@dataclass
class Example:
    previous: bytes
    seq: int
    row: tuple[Any, ...]


examples = st.builds(Example, st.binary(min_size=32, max_size=32), st.integers(1, 2**63 - 1), rows)


@given(examples, examples)
def test_what_differs_is_encoded_differently(one: Example, other: Example) -> None:
    """Because all of it can be read back: what is sealed by its hash, which nobody can find another for."""
    for each in (one, other):
        previous, seq, *row = msgspec.msgpack.decode(chain.encoded(each.previous, each.seq, each.row))
        assert (previous, seq, row[:-1]) == (each.previous, each.seq, list(each.row[:-1]))
    same = chain.encoded(one.previous, one.seq, one.row) == chain.encoded(
        other.previous, other.seq, other.row
    )
    assert same == (one == other)


@given(rows, st.integers(0, len(chain.COLUMNS) - 1), text)
def test_every_column_is_encoded(row: tuple[Any, ...], place: int, value: str) -> None:
    new: str | bytes = value.encode() if place == len(row) - 1 else value
    changed = (*row[:place], new, *row[place + 1 :])
    same = chain.encoded(chain.BEGINNING, 1, row) == chain.encoded(chain.BEGINNING, 1, changed)
    assert same == (row == changed)


def test_text_that_moves_to_the_next_column_changes_the_hash() -> None:
    one = msgspec.structs.replace(record(), codes="ab", blocklist="c")
    other = msgspec.structs.replace(record(), codes="a", blocklist="bc")
    assert chain.next_hash(chain.BEGINNING, 1, one) != chain.next_hash(chain.BEGINNING, 1, other)


def test_the_columns_are_all_of_the_record() -> None:
    assert set(chain.COLUMNS) == set(Record.__struct_fields__)
    assert dict(zip(chain.COLUMNS, chain.columns(record(1)), strict=True)) == {
        **msgspec.structs.asdict(record(1)),
        "at": "2026-01-01T09:30:01.000000Z",
        "kind": Kind.DECISION.value,
        "detail": '{"restrictions": ["R1"]}',
    }
