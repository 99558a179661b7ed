"""A contact point that waits for a second person is not lost where something else changes meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model import Contact
from service.errors import ConflictError
from service.registry.model import Document, Request, loosens
from service.registry.registry import Registry
from service.registry.restrictions import Written
from service.registry.widening import at_once, rebased
from tests.service.registry.listings import (
    ANOTHER,
    ASKER,
    NUMBER,
    SECOND,
    confirmed,
    entry,
    exempt,
    phones,
    restriction,
)

OFFICE, OFFICES_DOOR = "020 7946 0321", "020 7946 0322"
MORE = "07700 900124"


@pytest.fixture
def waiting(registry: Registry) -> Written:
    """A solicitor's number, learnt, waits for a second person."""
    asked = registry.register.add(ASKER, entry("E1", contacts=phones(OFFICE, OFFICES_DOOR)), "known").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    registry.restrictions.create(ASKER, restriction(), Request(id="1"))
    return registry.restrictions.widen(ASKER, "R1", 1, "learnt", contacts=phones(OFFICE))


def stands(registry: Registry) -> list[str]:
    return [contact.value for contact in registry.versions.get("R1").document.restriction.contacts]


def change(registry: Registry, **changed: Any) -> Written:
    now = registry.versions.get("R1")
    wanted = replace(now.document.restriction, **changed)
    return registry.restrictions.change(ASKER, "R1", now.version, "something else", restriction=wanted)


def test_it_is_added_to_whatever_changed_since(registry: Registry, waiting: Written) -> None:
    assert waiting.approval is not None
    contacts = registry.versions.get("R1").document.restriction.contacts
    change(registry, contacts=(*contacts, *phones(MORE)), prisoner=(restriction().prisoner, ANOTHER))
    registry.restrictions.review(ASKER, "R1", 3, "it goes on", "2027-01-01")
    confirmed(registry, SECOND, waiting.approval.id)
    found = registry.versions.get("R1").document
    assert stands(registry) == [NUMBER, MORE, OFFICE]
    assert (found.review, len(found.restriction.prisoners)) == ("2027-01-01", 2)


def test_what_is_asked_for_later_does_not_push_it_aside(registry: Registry, waiting: Written) -> None:
    later = registry.restrictions.widen(ASKER, "R1", 2, "learnt too", contacts=phones(OFFICES_DOOR))
    loosened = change(registry, exceptions=exempt(ANOTHER))
    assert len(registry.approvals.list(subject="R1")) == 3
    for written in (loosened, waiting, later):
        assert written.approval is not None
        confirmed(registry, SECOND, written.approval.id)
    assert stands(registry) == [NUMBER, OFFICE, OFFICES_DOOR]
    assert registry.versions.get("R1").document.restriction.exceptions == exempt(ANOTHER)


def test_asked_for_again_it_waits_once(registry: Registry, waiting: Written) -> None:
    again = registry.restrictions.widen(ASKER, "R1", 2, "once more", contacts=phones(OFFICE))
    assert registry.approvals.list(subject="R1") == [again.approval]


def test_it_does_not_come_in_by_an_exception_that_was_made_since(
    registry: Registry, waiting: Written
) -> None:
    assert waiting.approval is not None
    loosened = change(registry, exceptions=exempt(ANOTHER, OFFICE)).approval
    assert loosened is not None
    confirmed(registry, SECOND, loosened.id)
    with pytest.raises(ConflictError, match="refuse it, and ask for it again"):
        confirmed(registry, SECOND, waiting.approval.id)
    assert stands(registry) == [NUMBER]


def test_what_takes_something_off_is_asked_for_again(registry: Registry, waiting: Written) -> None:
    gone = change(registry, contacts=phones(MORE)).approval
    assert gone is not None
    registry.restrictions.review(ASKER, "R1", 3, "it goes on", "2027-01-01")
    with pytest.raises(ConflictError, match="refuse it, and ask for it again"):
        confirmed(registry, SECOND, gone.id)


DOCUMENTS = st.builds(
    lambda numbers, people: Document(
        restriction=replace(
            restriction("R1", *(f"07700 9001{n:02}" for n in numbers)), prisoner=tuple(sorted(people))
        ),
        requests=(Request(id="1"),),
    ),
    st.lists(st.integers(0, 5), min_size=1, unique=True),
    st.sets(st.sampled_from(["A1234BC", "A1234BD", "A1234BF"]), min_size=1),
)


def test_what_a_change_adds_is_in_force_before_what_it_takes_off_is_confirmed(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction())
    asked = change(registry, contacts=phones(MORE), exceptions=exempt(ANOTHER)).approval
    assert asked is not None
    assert stands(registry) == [NUMBER, MORE]
    assert registry.versions.get("R1").document.restriction.exceptions == ()
    confirmed(registry, SECOND, asked.id)
    assert stands(registry) == [MORE]
    assert registry.versions.get("R1").document.restriction.exceptions == exempt(ANOTHER)


def test_what_a_refused_change_added_stays(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction())
    asked = change(registry, contacts=phones(MORE)).approval
    assert asked is not None
    registry.approvals.refuse(SECOND, asked.id, "she still lives there")
    assert stands(registry) == [NUMBER, MORE]


@given(DOCUMENTS, DOCUMENTS)
def test_what_need_not_wait_is_all_that_is_added_and_takes_nothing_off(
    before: Document, after: Document
) -> None:
    found = at_once(before, after, ())
    assert loosens(before, found) == ()
    assert set(found.restriction.contacts) == {*before.restriction.contacts, *after.restriction.contacts}
    assert set(found.restriction.prisoners) == {*before.restriction.prisoners, *after.restriction.prisoners}
    assert at_once(found, after, ()) == found


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_whatever_changes_nothing_that_stands_is_taken_off_by_it(
    base: Document, after: Document, now: Document
) -> None:
    found = rebased(base, after, now)
    if found is not None:
        old, new = now.restriction, found.restriction
        added: set[Contact] = set(after.restriction.contacts) - set(base.restriction.contacts)
        assert set(new.contacts) == set(old.contacts) | added
        assert set(new.prisoners) >= set(old.prisoners)
    only_adds = set(base.restriction.contacts) <= set(after.restriction.contacts)
    assert found is None or only_adds
