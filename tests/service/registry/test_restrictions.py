"""A restriction holds while anybody who asked for it stands by it, and lifting it takes two people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from service.errors import ConflictError, NotAllowedError, NotFoundError
from service.registry.approvals import Approval, ApprovalState
from service.registry.model import ListingState, Request
from service.registry.registry import Registry
from tests.service.registry.listings import (
    ASKER,
    MACHINE,
    NUMBER,
    SECOND,
    Clock,
    confirmed,
    phones,
    restriction,
)

POLICE = Request(id="police", agency="West Yorkshire Police", received="2026-05-01")
HERSELF = Request(id="herself", agency="the person herself")


def in_force(registry: Registry, clock: Clock) -> list[str]:
    """The ids of what is in force now."""
    return [one.id for one in registry.versions.in_force(clock()).items]


def standing(registry: Registry) -> list[Restriction]:
    """What a blocklist is built of."""
    with registry.journal.database.read() as connection:
        rows = registry.versions.standing(connection)
        return [registry.versions.effective(*row) for row in rows]


def answer(registry: Registry, clock: Clock) -> str:
    """What a call to the restricted number is answered, among others that are restricted too."""
    listed = [*standing(registry), restriction("other", "07700 900999")]
    attempt = Attempt(id="C1", channel="call", prisoner="A1234BC", establishment="LEI", to=NUMBER)
    return Screener(compile_blocklist(listed), read_policy()).check(attempt, clock()).decision


def asked_to_withdraw(registry: Registry) -> Approval:
    """The only request withdrawn, as far as its asker can."""
    registry.restrictions.create(ASKER, restriction(), POLICE)
    written = registry.restrictions.withdraw_request(ASKER, "R1", 1, "police", "no longer wanted")
    assert written.version is None
    assert written.approval is not None
    return written.approval


def test_one_of_several_requests_withdrawn_lifts_nothing(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction(), POLICE)
    registry.restrictions.add_request(ASKER, "R1", 1, HERSELF, "she wrote too")
    written = registry.restrictions.withdraw_request(ASKER, "R1", 2, "police", "case closed")
    assert written.version is not None
    assert written.version.state is ListingState.STANDING
    assert answer(registry, clock) == "block"
    gone, left = written.version.document.requests
    assert (gone.id, gone.stands, gone.withdrawn_because) == ("police", False, "case closed")
    assert (left.id, left.stands) == ("herself", True)


def test_the_last_request_waits_for_a_second_person_and_holds_until_then(
    registry: Registry, clock: Clock
) -> None:
    asked = asked_to_withdraw(registry)
    assert (asked.kind, asked.state, asked.base) == ("withdrawal", ApprovalState.PENDING, 1)
    assert asked.loosens == ("no request stands any more",)
    assert registry.approvals.list() == [asked]
    assert answer(registry, clock) == "block"


def test_confirmed_by_another_person_it_is_withdrawn_and_out_of_the_blocklist(
    registry: Registry, clock: Clock
) -> None:
    asked = asked_to_withdraw(registry)
    done = confirmed(registry, SECOND, asked.id)
    assert (done.state, done.decided_by) == (ApprovalState.CONFIRMED, "user:second")
    latest = registry.versions.get("R1")
    assert (latest.state, latest.author, latest.confirmed_by) == (
        ListingState.WITHDRAWN,
        "user:asker",
        "user:second",
    )
    assert in_force(registry, clock) == []
    assert answer(registry, clock) == "allow"


@pytest.mark.parametrize("by", [ASKER, MACHINE], ids=["the_asker", "a_machine"])
def test_neither_the_asker_nor_a_machine_confirms(registry: Registry, clock: Clock, by: object) -> None:
    asked = asked_to_withdraw(registry)
    with pytest.raises(NotAllowedError):
        confirmed(registry, by, asked.id)  # type: ignore[arg-type]
    assert registry.approvals.get(asked.id) == asked
    assert answer(registry, clock) == "block"


@pytest.mark.parametrize("by", [ASKER, SECOND], ids=["taken_back", "refused"])
def test_refused_it_stays_in_force_and_cannot_be_confirmed_any_more(
    registry: Registry, clock: Clock, by: object
) -> None:
    asked = asked_to_withdraw(registry)
    assert registry.approvals.refuse(by, asked.id).state is ApprovalState.REFUSED  # type: ignore[arg-type]
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, asked.id)
    assert registry.approvals.list() == []
    assert in_force(registry, clock) == ["R1"]
    assert answer(registry, clock) == "block"


def test_a_restriction_changed_in_between_has_to_be_asked_for_again(registry: Registry, clock: Clock) -> None:
    asked = asked_to_withdraw(registry)
    registry.restrictions.add_request(ASKER, "R1", 1, HERSELF, "she wrote too")
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, asked.id)
    assert registry.approvals.get(asked.id).state is ApprovalState.PENDING
    assert registry.versions.get("R1").version == 2
    assert answer(registry, clock) == "block"


def test_what_is_asked_for_later_takes_the_place_of_what_was_asked_for_before(registry: Registry) -> None:
    first = asked_to_withdraw(registry)
    second = registry.restrictions.withdraw_request(SECOND, "R1", 1, "police", "again").approval
    assert second is not None
    assert registry.approvals.get(first.id).state is ApprovalState.REFUSED
    assert [one.id for one in registry.approvals.list()] == [second.id]


def test_asked_for_anew_a_withdrawn_restriction_stands_again(registry: Registry, clock: Clock) -> None:
    confirmed(registry, SECOND, asked_to_withdraw(registry).id)
    written = registry.restrictions.add_request(ASKER, "R1", 2, HERSELF, "it began again")
    assert written.version is not None
    assert written.version.state is ListingState.STANDING
    assert answer(registry, clock) == "block"


def test_a_request_that_is_not_there_cannot_be_withdrawn(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction(), POLICE)
    with pytest.raises(NotFoundError):
        registry.restrictions.withdraw_request(ASKER, "R1", 1, "probation", "no longer wanted")
    with pytest.raises(ConflictError):
        registry.restrictions.add_request(ASKER, "R1", 1, POLICE, "once more")


def test_in_force_follows_the_history(registry: Registry, clock: Clock) -> None:
    moments = [clock()]
    registry.restrictions.create(ASKER, restriction(), POLICE)
    moments.append(clock())
    changed = restriction(contacts=phones(NUMBER, "07700 900456"))
    registry.restrictions.change(ASKER, "R1", 1, "another number", restriction=changed)
    moments.append(clock())
    asked = registry.restrictions.withdraw_request(ASKER, "R1", 2, "police", "no longer wanted").approval
    assert asked is not None
    moments.append(clock())
    confirmed(registry, SECOND, asked.id)
    moments.append(clock())
    registry.restrictions.add_request(ASKER, "R1", 3, HERSELF, "it began again")
    moments.append(clock())
    told = [[one.version for one in registry.versions.in_force(moment).items] for moment in moments]
    assert told == [[], [1], [2], [2], [], [4]]


def test_in_force_keeps_to_the_dates_of_each_restriction(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction("later", from_="2026-06-10"))
    registry.restrictions.create(ASKER, restriction("until", until="2026-06-10"))
    registry.restrictions.create(ASKER, restriction("always"))
    for days, expected in [
        (0, ["always", "until"]),
        (8, ["always", "until"]),
        (9, ["always", "later", "until"]),
        (10, ["always", "later"]),
    ]:
        at = clock.now + timedelta(days=days)
        assert [one.id for one in registry.versions.in_force(at).items] == expected
