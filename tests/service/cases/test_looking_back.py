"""What a restriction would have stopped, in one's own prisons alone."""

from __future__ import annotations

from msgspec.structs import replace

from engine.model import Attempt, Decision
from engine.policy import read_policy
from service.access.model import Principal, Role
from service.cases.looking_back import look_back
from service.ledger import payloads
from service.ledger.record import Kind
from service.registry.registry import Registry
from tests.service.registry.listings import HIS, Clock, restriction

HUB = Principal("user:hub", frozenset({Role.CASE_OFFICER}), person=True)
LEEDS = Principal("user:leeds", frozenset({Role.CASE_OFFICER}), frozenset({"LEI"}), person=True)


def allowed(registry: Registry, number: int, place: str, to: str, sealed: bytes | None = None) -> int:
    """A call that was allowed, in the ledger."""
    subject = f"attempt/{number:032x}"
    attempt = Attempt(id=str(number), channel="call", prisoner=HIS, establishment=place, to=to)
    decision = Decision(
        id=str(number),
        decision="allow",
        action="connect",
        confidential=False,
        reasons=(),
        blocklist="b",
    )
    record = registry.journal.record("key:switch", subject, "allow", kind=Kind.DECISION, establishment=place)
    packed = payloads.seal(registry.journal.vault, subject, payloads.Decided(attempt, decision))
    with registry.journal.write() as connection:
        changed = replace(record, channel="call", sealed=sealed or packed)
        (seq,) = registry.journal.append(connection, [changed])
    return seq


def test_what_would_have_been_stopped(registry: Registry, clock: Clock) -> None:
    here = allowed(registry, 1, "LEI", "07700 900123")
    there = allowed(registry, 2, "MDI", "+44 7700 900123")
    allowed(registry, 3, "LEI", "07700 900555")
    allowed(registry, 4, "LEI", "07700 900123", sealed=b"not to be opened")
    found = look_back(registry.journal, HUB, restriction(), read_policy())
    assert (found.attempts, found.unreadable, found.counts) == (3, 1, (("call", "block", 2),))
    assert [one.seq for one in found.last] == [there, here]
    own = look_back(registry.journal, LEEDS, restriction(), read_policy())
    assert (own.attempts, own.unreadable, own.counts) == (2, 1, (("call", "block", 1),))
    assert [one.seq for one in own.last] == [here]
