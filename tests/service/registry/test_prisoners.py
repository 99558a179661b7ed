"""A restriction follows its prisoner: to another prison, and to another number."""

from __future__ import annotations

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.registry.registry import Registry
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    HIS,
    NUMBER,
    SECOND,
    THIRD,
    Clock,
    confirmed,
    exempt,
    restriction,
)


def answer(registry: Registry, clock: Clock, prisoner: str, at: str | None, to: str = NUMBER) -> str:
    """What a call is answered, on what stands today."""
    with registry.journal.database.read() as connection:
        rows = registry.versions.standing(connection)
        listed = [registry.versions.effective(*row) for row in rows]
    listed.append(restriction("other", "07700 900999", prisoner="E5678FG"))
    attempt = Attempt(id="C1", channel="call", prisoner=prisoner, establishment=at, to=to)
    return Screener(compile_blocklist(listed), read_policy()).check(attempt, clock()).decision


def test_nobody_knows_where_somebody_is_until_it_is_told(registry: Registry) -> None:
    assert registry.where_is(HIS) is None
    with pytest.raises(NotFoundError):
        registry.prisoners.get(HIS)
    registry.prisoners.move(ASKER, HIS, "LEI")
    assert registry.where_is(HIS) == "LEI"


def test_each_move_is_a_version_and_none_is_lost(registry: Registry) -> None:
    for prison in ("LEI", "TRN", "MRI", "MRI", None):
        registry.prisoners.move(ASKER, HIS, prison)
    told = [(one.version, one.establishment) for one in registry.prisoners.history(HIS)]
    assert told == [(4, None), (3, "MRI"), (2, "TRN"), (1, "LEI")]


def test_what_was_written_is_read_by_another_registry(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    registry.prisoners.merge(ASKER, HIS, ANOTHER)
    begun = Registry(registry.journal.database, registry.journal.vault, registry.journal.clock)
    assert begun.where_is(HIS) is None
    begun.start()
    assert (begun.where_is(HIS), begun.where_is(ANOTHER)) == ("LEI", "LEI")
    assert begun.prisoners.group(HIS) == (ANOTHER, HIS)


@pytest.mark.parametrize(
    ("number", "prison", "field"), [("A1234", "LEI", "number"), (HIS, "Leeds", "establishment")]
)
def test_what_is_no_number_or_no_prison_is_refused(
    registry: Registry, number: str, prison: str, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        registry.prisoners.move(ASKER, number, prison)
    assert refused.value.field == field
    assert prison not in str(refused.value)


def test_only_who_has_one_of_the_two_prisons_moves_somebody(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    elsewhere = Principal("user:elsewhere", frozenset(), frozenset({"MRI"}), person=True)
    with pytest.raises(NotAllowedError):
        registry.prisoners.move(elsewhere, HIS, "PVI")
    registry.prisoners.move(elsewhere, HIS, "MRI")
    assert registry.where_is(HIS) == "MRI"


def test_a_number_of_another_prison_is_not_merged_with_one_of_theirs(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    registry.prisoners.move(ASKER, ANOTHER, "MRI")
    leeds = Principal("user:leeds", frozenset(), frozenset({"LEI"}), person=True)
    for removed, into in ((HIS, ANOTHER), (ANOTHER, HIS)):
        with pytest.raises(NotAllowedError):
            registry.prisoners.merge(leeds, removed, into)
    registry.prisoners.merge(leeds, "X9999XX", HIS)
    both = Principal("user:both", frozenset(), frozenset({"LEI", "MRI"}), person=True)
    registry.prisoners.merge(both, ANOTHER, HIS)


def test_merges_make_a_chain_of_one_person(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    registry.prisoners.merge(ASKER, HIS, ANOTHER)
    registry.prisoners.merge(ASKER, ANOTHER, THIRD)
    for number in (HIS, ANOTHER, THIRD):
        assert registry.prisoners.group(number) == (THIRD, HIS, ANOTHER)
        assert registry.where_is(number) == "LEI"
    registry.prisoners.move(ASKER, THIRD, "MRI")
    assert {registry.where_is(number) for number in (HIS, ANOTHER, THIRD)} == {"MRI"}
    assert registry.prisoners.get(HIS).merged_into == ANOTHER


@pytest.mark.parametrize(
    ("removed", "survivor"), [(ANOTHER, HIS), (HIS, THIRD), (THIRD, HIS), (THIRD, THIRD)]
)
def test_a_merge_back_again_or_into_itself_is_refused(
    registry: Registry, removed: str, survivor: str
) -> None:
    registry.prisoners.merge(ASKER, HIS, ANOTHER)
    with pytest.raises(ConflictError):
        registry.prisoners.merge(ASKER, removed, survivor)
    assert registry.prisoners.group(HIS) == (ANOTHER, HIS)
    assert registry.prisoners.group(THIRD) == (THIRD,)


def test_a_number_that_was_merged_is_not_moved(registry: Registry) -> None:
    registry.prisoners.merge(ASKER, HIS, ANOTHER)
    with pytest.raises(ConflictError):
        registry.prisoners.move(ASKER, HIS, "LEI")


@pytest.mark.parametrize(("removed", "survivor"), [(HIS, ANOTHER), (ANOTHER, HIS)])
def test_a_restriction_of_either_number_holds_for_both(
    registry: Registry, clock: Clock, removed: str, survivor: str
) -> None:
    registry.restrictions.create(ASKER, restriction(scope="prisoner", establishment="LEI"))
    assert answer(registry, clock, ANOTHER, "MRI") == "allow"
    registry.prisoners.merge(ASKER, removed, survivor)
    assert answer(registry, clock, ANOTHER, "MRI") == "block"
    assert answer(registry, clock, HIS, "MRI") == "block"


@pytest.mark.parametrize(("removed", "survivor"), [(ANOTHER, THIRD), (THIRD, ANOTHER)])
def test_an_exception_follows_the_merge(
    registry: Registry, clock: Clock, removed: str, survivor: str
) -> None:
    registry.restrictions.create(ASKER, restriction(exceptions=exempt(ANOTHER)))
    assert answer(registry, clock, THIRD, "LEI") == "block"
    registry.prisoners.merge(ASKER, removed, survivor)
    assert answer(registry, clock, THIRD, "LEI") == "allow"
    assert answer(registry, clock, ANOTHER, "LEI") == "allow"
    assert answer(registry, clock, HIS, "LEI") == "block"


def test_the_scope_of_one_prisoner_follows_his_transfer(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction(scope="prisoner", establishment="LEI"))
    assert [answer(registry, clock, ANOTHER, prison) for prison in ("LEI", "MRI")] == ["flag", "allow"]
    registry.prisoners.move(ASKER, HIS, "MRI")
    assert [answer(registry, clock, ANOTHER, prison) for prison in ("LEI", "MRI")] == ["allow", "flag"]
    assert [answer(registry, clock, HIS, prison) for prison in ("LEI", "MRI")] == ["block", "block"]
    registry.prisoners.move(ASKER, HIS, "TRN")
    assert [answer(registry, clock, ANOTHER, prison) for prison in ("LEI", "MRI")] == ["flag", "allow"]


def test_a_local_number_means_the_same_after_a_transfer(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction("R1", "496 0123", scope="prisoner", establishment="LEI"))
    here, there = "0113 496 0123", "0161 496 0123"
    for prison in (None, "MRI"):
        if prison is not None:
            registry.prisoners.move(ASKER, HIS, prison)
        assert answer(registry, clock, HIS, "MRI", here) == "block"
        assert answer(registry, clock, HIS, "MRI", there) == "allow"


def test_restrictions_are_found_by_any_number_and_by_where_he_is_now(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction(scope="prisoner", establishment="LEI"))
    registry.restrictions.create(ASKER, restriction("R2", prisoner=THIRD))
    registry.prisoners.merge(ASKER, HIS, ANOTHER)
    registry.prisoners.move(ASKER, ANOTHER, "MRI")
    for number in (HIS, ANOTHER):
        found = registry.versions.page(prisoner_number=number).items
        assert [one.id for one in found] == ["R1"]
    assert [one.id for one in registry.versions.page(prisons=["MRI"]).items] == ["R1"]
    there = Principal("user:there", frozenset(), frozenset({"MRI"}), person=True)
    written = registry.restrictions.change(there, "R1", 1, "a note", notes="he is here now")
    assert written.version is not None


def test_who_may_not_see_the_prison_changes_nothing_there(registry: Registry) -> None:
    elsewhere = Principal("user:elsewhere", frozenset(), frozenset({"PVI"}), person=True)
    registry.prisoners.move(ASKER, HIS, "LEI")
    with pytest.raises(NotAllowedError):
        registry.restrictions.create(elsewhere, restriction())
    registry.restrictions.create(SECOND, restriction())
    with pytest.raises(NotAllowedError):
        registry.restrictions.change(elsewhere, "R1", 1, "a note", notes="from elsewhere")
    asked = registry.restrictions.withdraw_request(ASKER, "R1", 1, "1", "no longer").approval
    assert asked is not None
    with pytest.raises(NotAllowedError):
        confirmed(registry, elsewhere, asked.id)
    assert [one.version for one in registry.versions.history("R1").versions] == [1]
