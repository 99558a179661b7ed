"""Corners in which a protection could be lost without anybody wanting it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.blocklist.current import Current
from service.errors import ConflictError
from service.ledger import chain
from service.ledger.record import Kind, Record
from service.registry.found import Drafted
from service.registry.model import Document, ListingState, Request, loosens
from service.registry.registry import Registry
from service.registry.tables import restriction_version
from tests.service.registry.listings import ASKER, HIS, SECOND, Clock, confirmed, exempt, restriction

LOCAL, IN_FULL = "496 0123", "0113 496 0123"


def follow(registry: Registry) -> Current:
    def write(record: Record) -> None:
        with registry.journal.write() as connection:
            chain.append(connection, registry.journal.vault, [record])

    made = Current(registry, read_policy(), write_record=write)
    made.refresh()
    return made


def call(screener: Screener | None, to: str, clock: Clock, at: str = "LEI") -> str:
    assert screener is not None
    attempt = Attempt(id="C1", channel="call", prisoner=HIS, establishment=at, to=to)
    return screener.check(attempt, clock()).decision


def twenty(registry: Registry) -> None:
    for number in range(20):
        registry.restrictions.create(ASKER, restriction(f"L{number}", f"01632 960{number:03}"))


def lose(registry: Registry, *ids: str) -> None:
    """Rows that are gone without a trace, as after a bad restore."""
    with registry.journal.database.write() as connection:
        connection.execute(delete(restriction_version).where(restriction_version.c.id.in_(ids)))


def document(one: Restriction) -> Document:
    return Document(restriction=one, requests=(Request(id="1"),))


def test_a_removal_of_many_does_not_take_what_was_asked_for_since(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1"))
    asked = registry.restrictions.ask_removal("user:asker", ["R1"], "not on the new list")
    registry.restrictions.add_request(SECOND, "R1", 1, Request(id="2", agency="police"), "a new threat")
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, asked.id)
    assert registry.versions.get("R1").state is ListingState.STANDING


def test_new_restrictions_do_not_hide_lost_ones(registry: Registry, clock: Clock) -> None:
    twenty(registry)
    follow(registry)
    for number in range(2):
        registry.restrictions.create(ASKER, restriction(f"N{number}", f"01632 960{number + 500:03}"))
    lose(registry, "L0", "L1")
    current = follow(registry)
    assert current.why_not is not None
    assert "2 restrictions are missing" in current.why_not
    assert call(current.screener, "01632 960000", clock) == "flag"


def test_what_is_only_unreadable_is_not_missing(registry: Registry, clock: Clock) -> None:
    twenty(registry)
    current = follow(registry)
    with registry.journal.database.write() as connection:
        ids = restriction_version.c.id.in_(["L0", "L1"])
        connection.execute(update(restriction_version).where(ids).values(sealed=b"0" * 64))
    for id_ in ("L0", "L1"):
        with registry.journal.write() as connection:
            (seq,) = registry.journal.append(
                connection, [registry.journal.record("x", f"restriction/{id_}/1", "seen", kind=Kind.VIEW)]
            )
            registry.journal.announce(connection, [registry.changes_since(0)[0]._replace(seq=seq, id=id_)])
    current.refresh()
    assert call(current.screener, "01632 960000", clock) == "block", "the last good version holds"
    again = follow(registry)
    assert again.why_not is None
    assert call(again.screener, "020 7946 0018", clock) == "flag"


@pytest.mark.parametrize("to", ["070 1234 5678", "0844 496 0123", "0800 496 0123", "09011 123456"])
def test_a_contact_point_that_an_exception_waits_for_loosens(to: str, clock: Clock) -> None:
    before = restriction("R1", "07700 900123", exceptions=exempt(HIS, to))
    after = restriction("R1", "07700 900123", to, exceptions=exempt(HIS, to))
    answers = [call(Screener(compile_blocklist([one]), read_policy()), to, clock) for one in (before, after)]
    assert answers == ["flag", "allow"], "this is why"
    assert loosens(document(before), document(after)) == ("an exception takes hold of a new contact point",)


def test_one_that_no_longer_compiles_does_not_stop_the_list(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction("good", "07700 900999"))
    bad = document(restriction("bad", "x", scope="prisoner", establishment="LEI"))
    with registry.journal.write() as connection:
        registry.versions.write(connection, "x", [Drafted("bad", 0, bad, "created")])
    registry.prisoners.move(ASKER, HIS, "MDI")
    current = follow(registry)
    assert call(current.screener, "07700 900999", clock) == "block"
    assert call(current.screener, "020 7946 0018", clock) == "flag"


def test_an_exception_for_a_local_number_follows_a_transfer(registry: Registry, clock: Clock) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    one = restriction("R1", LOCAL, scope="prisoner", establishment="LEI", exceptions=exempt(HIS, LOCAL))
    registry.restrictions.create(ASKER, one)
    current = follow(registry)
    assert call(current.screener, IN_FULL, clock) == "allow"
    registry.prisoners.move(ASKER, HIS, "MDI")
    current.refresh()
    assert call(current.screener, IN_FULL, clock, at="MDI") == "allow"


def test_a_restriction_of_several_prisons_is_seen_in_each(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", establishment=("LEI", "MDI")))
    for prison, ids in (("LEI", ["R1"]), ("MDI", ["R1"]), ("BXI", [])):
        assert [one.id for one in registry.versions.page(prisons={prison}).items] == ids
