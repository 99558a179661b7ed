"""Every change is a new version, and nothing that was written is ever touched again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from service.errors import ConflictError, InvalidError, NotFoundError
from service.registry.model import ListingState, Request
from service.registry.registry import Registry
from service.registry.tables import restriction_version
from service.storage.database import Database
from tests.service.registry.listings import ANOTHER, ASKER, SECOND, Clock, confirmed, phones, restriction

NEW_NUMBER = phones("07700 900123", "07700 900456")


def rows(database: Database) -> dict[tuple[str, int], dict[str, Any]]:
    """Every version as it stands in the database, byte for byte, but for which is the latest and its mark."""
    with database.read() as connection:
        found = connection.execute(select(restriction_version)).mappings().all()
    apart = ("latest", "mac")
    return {(row["id"], row["version"]): {key: row[key] for key in row if key not in apart} for row in found}


def test_a_new_restriction_is_version_one_and_stands(registry: Registry) -> None:
    made = registry.restrictions.create(ASKER, restriction(), reason="she asked").version
    assert made is not None
    assert registry.versions.get("R1") == made
    assert (made.version, made.state, made.author) == (1, ListingState.STANDING, "user:asker")
    assert made.document.restriction == restriction()


def test_a_change_is_version_two_and_version_one_can_still_be_read(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction())
    changed = restriction(contacts=NEW_NUMBER)
    registry.restrictions.change(SECOND, "R1", 1, "a new number", restriction=changed)
    newest, first = registry.versions.history("R1").versions
    assert (newest.version, newest.document.restriction) == (2, changed)
    assert (first.version, first.document.restriction) == (1, restriction())


def test_history_says_who_why_and_who_confirmed(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction(), reason="she asked")
    change = restriction(contacts=phones("07700 900456"))
    written = registry.restrictions.change(ASKER, "R1", 1, "she moved", restriction=change)
    assert written.version is None
    assert written.approval is not None
    confirmed(registry, SECOND, written.approval.id)
    told = [
        (one.author, one.confirmed_by, one.document.reason)
        for one in registry.versions.history("R1").versions
    ]
    assert told == [
        ("user:asker", "user:second", "she moved"),
        ("user:asker", None, "she moved"),  # what is added is in force at once
        ("user:asker", None, "she asked"),
    ]


def test_no_later_change_touches_an_earlier_version(registry: Registry, database: Database) -> None:
    restrictions = registry.restrictions
    steps: list[Callable[[], object]] = [
        lambda: restrictions.create(ASKER, restriction(), Request(id="1", agency="police")),
        lambda: restrictions.create(ASKER, restriction("R2")),
        lambda: restrictions.change(SECOND, "R1", 1, "more", restriction=restriction(contacts=NEW_NUMBER)),
        lambda: restrictions.add_request(ASKER, "R1", 2, Request(id="2"), "probation too"),
        lambda: restrictions.withdraw_request(ASKER, "R1", 3, "1", "withdrawn"),
        lambda: restrictions.withdraw_request(ASKER, "R1", 4, "2", "withdrawn"),
        lambda: confirmed(registry, SECOND, registry.approvals.list()[0].id),
        lambda: restrictions.add_request(ASKER, "R1", 5, Request(id="3"), "asked again"),
    ]
    kept: dict[tuple[str, int], dict[str, Any]] = {}
    for step in steps:
        step()
        now = rows(database)
        assert {key: now.get(key) for key in kept} == kept
        kept = now
    assert sorted(kept) == [("R1", version) for version in range(1, 7)] + [("R2", 1)]


def test_exactly_one_version_is_the_latest(registry: Registry, database: Database) -> None:
    registry.restrictions.create(ASKER, restriction())
    for version in range(1, 4):
        registry.restrictions.change(ASKER, "R1", version, "a note", notes=f"note {version}")
    latest = select(restriction_version.c.version).where(restriction_version.c.latest)
    with database.read() as connection:
        assert connection.execute(latest).scalars().all() == [4]


def test_an_id_is_never_used_again(registry: Registry) -> None:
    restrictions = registry.restrictions
    restrictions.create(ASKER, restriction())
    asked = restrictions.withdraw_request(ASKER, "R1", 1, "1", "withdrawn").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)
    with pytest.raises(ConflictError):
        restrictions.create(ASKER, restriction(contacts=phones("07700 900999")))
    assert [one.version for one in registry.versions.history("R1").versions] == [2, 1]


def test_a_change_to_what_was_not_read_is_refused(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction())
    registry.restrictions.change(ASKER, "R1", 1, "a note", notes="one")
    with pytest.raises(ConflictError):
        registry.restrictions.change(SECOND, "R1", 1, "a note", notes="two")
    assert registry.versions.get("R1").document.notes == "one"


def test_a_restriction_of_which_a_part_cannot_be_used_is_refused_and_named(registry: Registry) -> None:
    with pytest.raises(InvalidError) as refused:
        registry.restrictions.create(ASKER, restriction("R1", "07700 900123", "nothing"))
    assert refused.value.field == "contacts[1].value"
    assert "nothing" not in str(refused.value)
    with pytest.raises(NotFoundError):
        registry.versions.get("R1")


def test_pathway_four_needs_its_assessment_and_its_review(registry: Registry) -> None:
    concern = restriction(pathway=4)
    for given, field in [("", "justification"), ("necessary", "review")]:
        with pytest.raises(InvalidError) as refused:
            registry.restrictions.create(ASKER, concern, justification=given)
        assert refused.value.field == field
    made = registry.restrictions.create(ASKER, concern, justification="necessary", review="2026-12-01")
    assert made.version is not None


def test_what_is_left_out_of_a_change_stays(registry: Registry) -> None:
    registry.restrictions.create(
        ASKER, restriction(pathway=4), justification="necessary", review="2026-12-01", notes="a note"
    )
    registry.restrictions.change(
        ASKER, "R1", 1, "another", restriction=restriction(pathway=4, prisoner=("A1234BC", ANOTHER))
    )
    document = registry.versions.get("R1").document
    assert (document.justification, document.review, document.notes) == ("necessary", "2026-12-01", "a note")


def test_a_moment_of_the_past_has_the_version_of_then(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(ASKER, restriction())
    between = clock()
    registry.restrictions.change(ASKER, "R1", 1, "more", restriction=restriction(contacts=NEW_NUMBER))
    assert registry.versions.get("R1", between).version == 1
    assert registry.versions.get("R1", clock()).version == 2
