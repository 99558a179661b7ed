"""Restrictions found again: page by page, by contact point and name, by prison, by moment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from engine.model import Contact, ProtectedPerson
from service.errors import ConflictError, NotFoundError
from service.ledger.record import ledger
from service.registry.found import Drafted
from service.registry.model import Document, ListingState, Request, RestrictionVersion
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
    phones,
    restriction,
)


def made(registry: Registry, *ids: str) -> None:
    for id_ in ids:
        registry.restrictions.create(ASKER, restriction(id_))


def withdraw(registry: Registry, id_: str) -> None:
    """The only request taken back, and confirmed."""
    asked = registry.restrictions.withdraw_request(ASKER, id_, 1, "1", "withdrawn").approval
    assert asked is not None
    confirmed(registry, SECOND, asked.id)


def ids(found: Iterable[RestrictionVersion]) -> list[str]:
    return [one.id for one in found]


def test_pages_follow_one_another_to_the_end(registry: Registry) -> None:
    made(registry, "R3", "R1", "R2")
    first = registry.versions.page(limit=2)
    assert (ids(first.items), first.next) == (["R1", "R2"], "R2")
    second = registry.versions.page(after="R2", limit=2)
    assert (ids(second.items), second.next) == (["R3"], None)


def test_a_page_has_fifty_unless_more_are_asked_for(registry: Registry) -> None:
    made(registry, *(f"R{n:02}" for n in range(51)))
    page = registry.versions.page()
    assert (len(page.items), page.next) == (50, "R49")


def test_a_page_shows_the_latest_versions_and_either_state_alone(registry: Registry) -> None:
    made(registry, "R1", "R2")
    withdraw(registry, "R1")
    assert [(one.id, one.version) for one in registry.versions.page().items] == [("R1", 2), ("R2", 1)]
    assert ids(registry.versions.page(state=ListingState.STANDING).items) == ["R2"]
    assert ids(registry.versions.page(state=ListingState.WITHDRAWN).items) == ["R1"]


def test_a_prisoners_page_holds_what_names_him_now_and_no_exception_for_him(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", prisoner=(HIS, ANOTHER)))
    registry.restrictions.create(ASKER, restriction("R2", exceptions=exempt(ANOTHER)))
    registry.restrictions.create(ASKER, restriction("R3", prisoner=THIRD))
    assert ids(registry.versions.page(prisoner_number=ANOTHER).items) == ["R1"]
    assert ids(registry.versions.page(prisoner_number=HIS).items) == ["R1", "R2"]


def test_a_prisons_page_holds_its_prisoners_restrictions_and_its_own(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    registry.prisoners.move(ASKER, ANOTHER, "MRI")
    registry.restrictions.create(ASKER, restriction("R1"))
    registry.restrictions.create(ASKER, restriction("R2", prisoner=ANOTHER))
    registry.restrictions.create(ASKER, restriction("R3", prisoner=THIRD, establishment="LEI"))
    registry.restrictions.create(ASKER, restriction("R4", prisoner=ANOTHER, exceptions=exempt(HIS)))
    assert ids(registry.versions.page(prisons=["LEI"]).items) == ["R1", "R3"]
    assert ids(registry.versions.page(prisons=["MRI"]).items) == ["R2", "R4"]
    assert ids(registry.versions.page(prisons=["MRI", "LEI"]).items) == ["R1", "R2", "R3", "R4"]
    assert ids(registry.versions.page(prisons=["TRN"]).items) == []


def test_who_has_left_a_prison_leaves_its_page(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    made(registry, "R1")
    registry.prisoners.move(ASKER, HIS, "MRI")
    assert ids(registry.versions.page(prisons=["LEI"]).items) == []
    assert ids(registry.versions.page(prisons=["MRI"]).items) == ["R1"]


def test_a_contact_point_is_found_as_it_is_typed_in_what_is_withdrawn_too(registry: Registry) -> None:
    made(registry, "R1")
    registry.restrictions.create(ASKER, restriction("R2", "07700 900456"))
    withdraw(registry, "R1")
    assert ids(registry.versions.find(contact="+44 7700 900 123").versions) == ["R1"]
    assert ids(registry.versions.find(contact="07700 900999").versions) == []
    assert ids(registry.versions.find().versions) == []


def test_a_local_number_is_found_by_its_whole(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", "496 0123", scope="prisoner", establishment="LEI"))
    assert ids(registry.versions.find(contact="0113 496 0123").versions) == ["R1"]


def test_a_name_is_found_by_all_of_its_parts_together(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", protected=ProtectedPerson(name="Sarah Jones")))
    other = ProtectedPerson(name="Tom Jones", aliases=("Tommy Blythe",))
    registry.restrictions.create(ASKER, restriction("R2", "07700 900456", protected=other))
    assert ids(registry.versions.find(name="Jones").versions) == ["R1", "R2"]
    assert ids(registry.versions.find(name="sarah jones").versions) == ["R1"]
    assert ids(registry.versions.find(name="Blythe").versions) == ["R2"]
    assert ids(registry.versions.find(name="Sarah Blythe").versions) == []
    assert ids(registry.versions.find(name="Jones", contact="07700 900456").versions) == ["R2"]
    assert ids(registry.versions.find(name="Blythe", contact=NUMBER).versions) == []


def test_what_is_found_is_what_the_prisons_may_see(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", establishment="LEI"))
    registry.restrictions.create(ASKER, restriction("R2", establishment="MRI"))
    assert ids(registry.versions.find(contact=NUMBER).versions) == ["R1", "R2"]
    assert ids(registry.versions.find(contact=NUMBER, prisons=["MRI"]).versions) == ["R2"]
    assert ids(registry.versions.find(name="Jones", prisons=["TRN"]).versions) == []


def test_what_was_in_force_is_told_from_behind_an_id(registry: Registry, clock: Clock) -> None:
    made(registry, "R1", "R2", "R3")
    assert ids(registry.versions.in_force(clock()).items) == ["R1", "R2", "R3"]
    assert ids(registry.versions.in_force(clock(), after="R1").items) == ["R2", "R3"]


def test_a_version_is_in_force_from_its_very_moment(registry: Registry) -> None:
    made(registry, "R1")
    at = registry.versions.get("R1").at
    assert ids(registry.versions.in_force(at).items) == ["R1"]
    assert ids(registry.versions.in_force(at - timedelta(microseconds=1)).items) == []
    assert registry.versions.get("R1", at).version == 1
    with pytest.raises(NotFoundError) as refused:
        registry.versions.get("R1", at - timedelta(microseconds=1))
    assert refused.value.detail == "there is no such restriction at that time"


def test_what_is_not_there_is_said_not_to_be(registry: Registry) -> None:
    for look in (registry.versions.get, registry.versions.history):
        with pytest.raises(NotFoundError) as refused:
            look("R9")
        assert refused.value.detail == "there is no such restriction"


def test_of_many_versions_the_latest_of_that_moment_is_given(registry: Registry, clock: Clock) -> None:
    made(registry, "R1")
    moments = [clock()]
    for version in (1, 2):
        registry.restrictions.change(ASKER, "R1", version, "a note", notes=f"note {version}")
        moments.append(clock())
    assert [registry.versions.get("R1", at).version for at in moments] == [1, 2, 3]
    assert registry.versions.get("R1").document.notes == "note 2"


def test_growth_counts_what_stands_more_or_less_since_a_change(registry: Registry) -> None:
    made(registry, "R1", "R2")
    start = registry.versions.get("R2").seq

    def growth(since: int) -> int:
        with registry.journal.database.read() as connection:
            return registry.versions.growth(connection, since)

    assert (growth(0), growth(start)) == (2, 0)
    assert growth(registry.versions.get("R1").seq) == 1
    made(registry, "R3")
    assert growth(start) == 1
    registry.restrictions.change(ASKER, "R1", 1, "a note", notes="one")
    assert growth(start) == 1, "a note makes no more of them"
    withdraw(registry, "R2")
    assert growth(start) == 0
    withdraw(registry, "R3")
    assert growth(start) == -1
    assert growth(0) == 1


def test_a_restriction_that_stands_again_is_one_more(registry: Registry) -> None:
    made(registry, "R1")
    withdraw(registry, "R1")
    gone = registry.versions.get("R1").seq
    registry.restrictions.add_request(ASKER, "R1", 2, Request(id="2"), "it began again")
    with registry.journal.database.read() as connection:
        assert registry.versions.growth(connection, gone) == 1
        assert registry.versions.growth(connection, 0) == 1


def test_only_what_stands_is_given_sealed(registry: Registry) -> None:
    made(registry, "R2", "R1", "R3")
    withdraw(registry, "R2")
    versions = registry.versions
    with registry.journal.database.read() as connection:
        standing = list(versions.standing(connection))
        given = {one.id: one for one in versions.stored(connection, {"R2", "R1"})}
        latest = versions.latest(connection, ["R2", "R9"])
        stand = versions.standing_of(connection, ["R3", "R2", "R1"])
    assert [(id_, version) for id_, _, version in standing] == [("R1", 1), ("R3", 1)]
    assert [(one.version, one.stands, one.holds) for one in given.values()] == [
        (1, True, True),
        (2, False, True),
    ]
    assert given["R1"].sealed == standing[0][1]
    assert versions.effective(*standing[0]) == restriction("R1")
    assert {id_: one.version for id_, one in latest.items()} == {"R2": 2}
    assert ids(stand) == ["R1", "R3"]


def test_who_is_named_and_who_has_an_exception_is_found_by_his_number(registry: Registry) -> None:
    registry.restrictions.create(ASKER, restriction("R1", prisoner=(HIS, ANOTHER)))
    registry.restrictions.create(ASKER, restriction("R2", exceptions=exempt(THIRD)))
    with registry.journal.database.read() as connection:
        assert registry.versions.naming(connection, [HIS]) == ["R1", "R2"]
        assert registry.versions.naming(connection, [ANOTHER]) == ["R1"]
        assert registry.versions.naming(connection, [THIRD, ANOTHER]) == ["R1", "R2"]
        assert registry.versions.naming(connection, ["D4567EF"]) == []


def test_a_change_that_names_another_prisoner_is_found_by_both(registry: Registry) -> None:
    made(registry, "R1")
    more = restriction("R1", prisoner=(HIS, ANOTHER))
    registry.restrictions.change(ASKER, "R1", 1, "his brother too", restriction=more)
    with registry.journal.database.read() as connection:
        assert registry.versions.naming(connection, [HIS]) == ["R1"]
        assert registry.versions.naming(connection, [ANOTHER]) == ["R1"]
    assert ids(registry.versions.page(prisoner_number=ANOTHER).items) == ["R1"]


def test_more_than_a_statement_takes_are_written_and_read(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.registry.versions.CHUNK", 2)
    names = [f"R{n}" for n in range(5)]
    made(registry, *names)
    seq = registry.versions.get("R4").seq
    drafts = [
        Drafted(name, 1, Document(restriction=restriction(name), requests=(Request(id="1"),)), "changed")
        for name in names
    ]
    with registry.journal.write() as connection:
        written = registry.versions.write(connection, "key:import", drafts)
    assert [(one.id, one.version) for one in written] == [(name, 2) for name in names]
    with registry.journal.database.read() as connection:
        assert list(registry.versions.latest(connection, names)) == names
        assert registry.versions.growth(connection, seq) == 0
        assert registry.versions.growth(connection, 0) == 5
    assert [one.version for one in registry.versions.page().items] == [2] * 5


def test_what_somebody_wrote_meanwhile_is_not_written_over(registry: Registry) -> None:
    made(registry, "R1")
    same = Drafted("R1", 0, Document(restriction=restriction("R1"), requests=(Request(id="1"),)), "created")
    with pytest.raises(ConflictError) as refused, registry.journal.write() as connection:
        registry.versions.write(connection, "user:second", [same])
    assert refused.value.detail == "somebody changed it meanwhile: read it again"
    assert ids(registry.versions.history("R1").versions) == ["R1"]


def test_the_number_of_the_latest_version_is_zero_where_there_is_none(registry: Registry) -> None:
    made(registry, "R1", "R2")
    registry.restrictions.change(ASKER, "R1", 1, "a note", notes="one")
    with registry.journal.write() as connection:
        numbers = [registry.versions.latest_number(connection, one) for one in ("R1", "R2", "R9")]
    assert numbers == [2, 1, 0]


def test_a_prison_covers_its_prisoners_and_what_was_made_there(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "LEI")
    covers = registry.versions.covers
    here, there = restriction("R1"), restriction("R2", prisoner=THIRD, establishment="MRI")
    assert covers((), here)
    assert covers((), there)
    assert [covers(["LEI"], one) for one in (here, there)] == [True, False]
    assert [covers(["MRI"], one) for one in (here, there)] == [False, True]
    assert covers(["LEI"], restriction("R3", prisoner=(THIRD, HIS)))


def test_the_record_of_a_version_says_what_it_is_of_and_nothing_protected(registry: Registry) -> None:
    registry.restrictions.create(
        ASKER, restriction("R1", NUMBER, "07700 900456", scope="prisoner", establishment="LEI")
    )
    registry.restrictions.create(ASKER, restriction("R2", prisoner=(HIS, ANOTHER)))
    with registry.journal.database.read() as connection:
        wanted = select(ledger).where(ledger.c.subject.like("restriction/%")).order_by(ledger.c.seq)
        first, second = connection.execute(wanted).all()
    assert (first.actor, first.subject, first.prisoner, first.establishment) == (
        "user:asker",
        "restriction/R1/1",
        HIS,
        "LEI",
    )
    assert (second.prisoner, second.establishment) == (None, None), "of two he would be one too few"
    assert json.loads(first.detail) == {
        "prisoners": [HIS],
        "scope": "prisoner",
        "pathway": registry.versions.get("R1").document.restriction.pathway,
        "contacts": 2,
        "confirmed_by": None,
    }
    assert json.loads(second.detail)["prisoners"] == [HIS, ANOTHER]


def test_a_move_gives_a_restriction_its_numbers_in_full_and_leaves_the_rest(registry: Registry) -> None:
    registry.prisoners.move(ASKER, HIS, "MRI")
    local = restriction(
        "R1",
        "496 0123",
        "07700 900456",
        scope="prisoner",
        establishment="LEI",
        exceptions=(*exempt(ANOTHER, "496 0123"), *exempt(THIRD, "07700 900456")),
    )
    mail = Contact(kind="email", value="sally@mail.example")
    local = msgspec.structs.replace(local, contacts=(*local.contacts, mail))
    moved = registry.versions.today(local)
    assert moved.establishments == ("MRI",)
    assert [one.value for one in moved.contacts] == ["+441134960123", "07700 900456", "sally@mail.example"]
    assert [(one.prisoner, one.contact) for one in moved.exceptions] == [
        (ANOTHER, "+441134960123"),
        (THIRD, "07700 900456"),
    ]


def test_what_nobody_moved_or_merged_is_today_what_was_written(registry: Registry) -> None:
    for one in (
        restriction("R1"),
        restriction("R2", prisoner=(HIS, ANOTHER), exceptions=exempt(THIRD)),
        restriction("R3", scope="prisoner", establishment="LEI"),
    ):
        assert registry.versions.today(one) is one


def test_a_merge_names_both_numbers_and_gives_each_exception_once(registry: Registry) -> None:
    registry.prisoners.merge(ASKER, HIS, ANOTHER)
    one = restriction("R1", exceptions=exempt(THIRD))
    assert set(registry.versions.today(one).prisoners) == {HIS, ANOTHER}
    both = restriction("R2", prisoner=THIRD, exceptions=(*exempt(HIS), *exempt(ANOTHER)))
    assert [e.prisoner for e in registry.versions.today(both).exceptions] == [ANOTHER, HIS]
    assert phones(NUMBER) == registry.versions.today(both).contacts
