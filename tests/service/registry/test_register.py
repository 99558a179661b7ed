"""The confidential register: what goes on takes two people, what comes off one."""

from __future__ import annotations

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Decision
from engine.policy import read_policy
from engine.screener import Screener
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.registry.approvals import Approval
from service.registry.model import ListingState
from service.registry.registry import Registry
from tests.service.registry.listings import ASKER, HIS, MACHINE, SECOND, Clock, confirmed, entry, restriction

NUMBER = "020 7946 0321"


def asked_for(registry: Registry) -> Approval:
    written = registry.register.add(ASKER, entry("E1", NUMBER), "the Law Society", "his solicitor")
    assert written.version is None
    assert written.approval is not None
    return written.approval


def listed(registry: Registry) -> list[str]:
    return [one.id for one in registry.register.list().entries]


def decided(registry: Registry, clock: Clock) -> Decision:
    with registry.journal.database.read() as connection:
        register = [registry.register.entry(*row) for row in registry.register.standing(connection)]
        rows = list(registry.versions.standing(connection))
    restrictions = [registry.versions.effective(*row) for row in rows]
    attempt = Attempt(id="C1", channel="call", prisoner=HIS, establishment="LEI", to=NUMBER)
    return Screener(compile_blocklist(restrictions, register), read_policy()).check(attempt, clock())


def test_an_addition_waits_for_a_second_person(registry: Registry) -> None:
    asked = asked_for(registry)
    assert listed(registry) == []
    for by in (ASKER, MACHINE):
        with pytest.raises(NotAllowedError):
            confirmed(registry, by, asked.id)
    assert listed(registry) == []
    confirmed(registry, SECOND, asked.id)
    assert listed(registry) == ["E1"]
    made = registry.register.get("E1")
    assert (made.version, made.author, made.confirmed_by) == (1, "user:asker", "user:second")
    assert (made.document.verified, made.document.reason) == ("the Law Society", "his solicitor")


def test_one_that_is_refused_never_comes_on(registry: Registry) -> None:
    registry.approvals.refuse(SECOND, asked_for(registry).id)
    assert listed(registry) == []
    with pytest.raises(NotFoundError):
        registry.register.get("E1")


def test_a_removal_is_in_force_at_once_and_putting_it_back_is_not(registry: Registry) -> None:
    confirmed(registry, SECOND, asked_for(registry).id)
    gone = registry.register.remove(ASKER, "E1", 1, "no longer in practice")
    assert (gone.version, gone.state) == (2, ListingState.WITHDRAWN)
    assert listed(registry) == []
    with pytest.raises(ConflictError):
        registry.register.remove(ASKER, "E1", 2, "again")
    written = registry.register.change(ASKER, "E1", 2, entry("E1", NUMBER), "the Law Society", "back")
    assert written.version is None
    assert listed(registry) == []
    assert [one.version for one in registry.register.history("E1").versions] == [2, 1]


def test_another_number_waits_and_one_fewer_does_not(registry: Registry) -> None:
    confirmed(registry, SECOND, asked_for(registry).id)
    more = entry("E1", NUMBER, "020 7946 0322")
    asked = registry.register.change(ASKER, "E1", 1, more, "the Law Society", "a second line").approval
    assert asked is not None
    assert registry.register.get("E1").version == 1
    confirmed(registry, SECOND, asked.id)
    assert registry.register.get("E1").document.entry == more
    fewer = registry.register.change(ASKER, "E1", 2, entry("E1", NUMBER), "the Law Society", "closed")
    assert fewer.version is not None
    assert fewer.version.version == 3


def test_an_entry_changed_in_between_has_to_be_asked_for_again(registry: Registry) -> None:
    confirmed(registry, SECOND, asked_for(registry).id)
    more = entry("E1", NUMBER, "020 7946 0322")
    asked = registry.register.change(ASKER, "E1", 1, more, "the Law Society", "a second line").approval
    assert asked is not None
    registry.register.remove(ASKER, "E1", 1, "no longer in practice")
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, asked.id)
    assert listed(registry) == []


def test_an_entry_of_which_a_part_cannot_be_used_is_refused_and_named(registry: Registry) -> None:
    with pytest.raises(InvalidError) as refused:
        registry.register.add(ASKER, entry("E1", NUMBER, "nothing"), "the Law Society")
    assert refused.value.field == "contacts[1].value"
    assert registry.approvals.list() == []


def test_a_number_that_is_confidential_and_restricted_flags(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction("R1", NUMBER))
    confirmed(registry, SECOND, asked_for(registry).id)
    decision = decided(registry, clock)
    assert (decision.decision, decision.action) == ("flag", "connect_and_alert")
    assert [reason.code for reason in decision.reasons] == ["CONFIDENTIAL_CONFLICT"]
    registry.register.remove(ASKER, "E1", 1, "not a solicitor")
    assert decided(registry, clock).decision == "block"
