"""What has to be looked at again, and that nothing ends by itself but what was given a last day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.cases.model import CaseState
from service.cases.reminders import RULES, Happening, Reminders, day_of
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.ledger import search
from service.registry.model import Request, state_at
from service.registry.registry import Registry
from tests.service.cases.asking import OFFICER, REVIEWER, SECOND, approved
from tests.service.registry.listings import ANOTHER, HIS, NUMBER, THIRD, Clock, confirmed, restriction


@pytest.fixture
def reminders(registry: Registry) -> Reminders:
    """Nothing was looked at yet."""
    return Reminders(registry)


def create(registry: Registry, id_: str = "R1", review: str | None = None, **fields: Any) -> None:
    registry.restrictions.create(OFFICER, restriction(id_, **fields), review=review)


def told(reminders: Reminders) -> list[tuple[str, str, str]]:
    return [(str(day_of(one)), one.restriction, one.happening) for one in reminders.due(OFFICER)]


def is_stopped(registry: Registry, clock: Clock, prisoner: str = HIS) -> bool:
    with registry.journal.database.read() as connection:
        listed = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
    attempt = Attempt(id="1", channel="call", prisoner=prisoner, establishment="LEI", to=NUMBER)
    return Screener(compile_blocklist(listed), read_policy()).check(attempt, clock()).decision == "block"


def test_every_happening_has_its_rule() -> None:
    assert RULES.keys() == {*Happening}


def test_a_passed_review_ends_nothing_and_is_told_until_somebody_says_that_it_goes_on(
    registry: Registry, reminders: Reminders, clock: Clock
) -> None:
    create(registry, review="2026-07-10")
    assert told(reminders) == []
    clock.now += timedelta(days=20)
    assert told(reminders) == [("2026-07-10", "R1", "review")]
    clock.now += timedelta(days=100)
    assert told(reminders) == [("2026-07-10", "R1", "review")]
    assert is_stopped(registry, clock)
    restrictions = registry.restrictions
    for reason, day in ((" ", "2026-12-01"), ("threats go on", "2026-07-11"), ("threats go on", "later")):
        with pytest.raises(InvalidError):
            restrictions.review(OFFICER, "R1", 1, reason, day)
    restrictions.review(OFFICER, "R1", 1, "threats go on", "2026-12-01")
    assert told(reminders) == []
    with registry.journal.database.read() as connection:
        (record,) = search.search(connection, subject="restriction/R1/2")
    assert (record.outcome, "threats" in str(record)) == ("reviewed", False)
    with pytest.raises(ConflictError):
        restrictions.review(OFFICER, "R1", 1, "threats go on", "2026-12-02")


def test_an_end_that_was_set_is_told_ahead_and_afterwards(
    registry: Registry, reminders: Reminders, clock: Clock
) -> None:
    create(registry, until="2026-07-31", review="2026-08-01")
    seen: list[tuple[int, str]] = []
    for day in range(100):
        found = [what for _, _, what in told(reminders) if what != "review"]
        if found and (not seen or seen[-1][1] != found[0]):
            seen.append((day, found[0]))
        stands = state_at(registry.versions.get("R1"), clock()) == "standing"
        assert stands == is_stopped(registry, clock) == (day <= 60)
        clock.now += timedelta(days=1)
    assert seen == [(33, "expires"), (54, "expires_soon"), (61, "expired")]
    assert told(reminders) == []


def test_who_moves_is_released_or_merged_is_told_until_it_was_looked_at(
    registry: Registry, reminders: Reminders, clock: Clock
) -> None:
    prisoners = registry.prisoners
    prisoners.move(OFFICER, HIS, "LEI")
    create(registry)
    create(registry, "R2", prisoner=THIRD)
    assert told(reminders) == []
    steps = [
        ("TRN", []),
        ("PRI", ["transferred"]),
        ("PYI", ["transferred"]),
        (None, ["transferred"]),
        ("OUT", ["released"]),
    ]
    for place, expected in steps:
        prisoners.move(OFFICER, HIS, place)
        assert [what for _, _, what in told(reminders)] == expected
        assert is_stopped(registry, clock)
    registry.restrictions.review(OFFICER, "R1", 1, "he may be recalled", "2027-01-01")
    assert told(reminders) == []
    prisoners.move(OFFICER, HIS, "LEI")
    assert [what for _, _, what in told(reminders)] == ["transferred"]
    registry.restrictions.review(OFFICER, "R1", 2, "he was told again", "2027-01-01")
    prisoners.merge(OFFICER, HIS, ANOTHER)
    assert [(id_, what) for _, id_, what in told(reminders)] == [("R1", "merged")]
    assert told(Reminders(registry)) == told(reminders)
    assert is_stopped(registry, clock, ANOTHER)


def test_after_a_death_it_stands_until_two_people_end_it(
    registry: Registry, cases: Cases, clock: Clock
) -> None:
    reminders = Reminders(registry)
    case = approved(cases)
    with pytest.raises(ConflictError):  # her case stands behind it
        registry.restrictions.propose_end(OFFICER, case.id, 1, "he died")
    registry.prisoners.move(OFFICER, HIS, "DEC")
    assert [what for _, _, what in told(reminders)] == ["died"]
    assert is_stopped(registry, clock)
    asked = registry.restrictions.propose_end(OFFICER, case.id, 1, "he died in hospital")
    assert is_stopped(registry, clock)
    with pytest.raises(NotAllowedError):
        confirmed(registry, OFFICER, asked.id)
    with pytest.raises(ConflictError):
        cases.end_after_death(OFFICER, case.id, case.version)
    confirmed(registry, SECOND, asked.id)
    assert told(reminders) == []
    assert cases.end_after_death(OFFICER, case.id, case.version).state is CaseState.ENDED


def test_a_death_that_was_noted_by_mistake_keeps_it(registry: Registry, cases: Cases) -> None:
    case = approved(cases)
    registry.prisoners.move(OFFICER, HIS, "DEC")
    asked = registry.restrictions.propose_end(OFFICER, case.id, 1, "he died")
    registry.prisoners.move(OFFICER, HIS, "LEI")
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, asked.id)


def test_a_death_that_was_noted_by_mistake_is_told_where_it_ended_a_restriction(
    registry: Registry, cases: Cases, clock: Clock
) -> None:
    create(registry, "R2")
    taken_back = registry.restrictions.withdraw_request(OFFICER, "R2", 1, "1", "by slip").approval
    assert taken_back is not None
    confirmed(registry, SECOND, taken_back.id)  # before he was noted as having died
    reminders, case = Reminders(registry), approved(cases)
    registry.prisoners.move(OFFICER, HIS, "DEC")
    confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, case.id, 1, "he died").id)
    cases.end_after_death(OFFICER, case.id, case.version)
    assert told(reminders) == []
    for place in ("LEI", "MDI"):
        registry.prisoners.move(OFFICER, HIS, place)
        for each in (reminders, Reminders(registry)):
            assert [(id_, what) for _, id_, what in told(each)] == [(case.id, "lives")]
    registry.restrictions.add_request(OFFICER, case.id, 2, Request(id="2"), "he lives")
    assert is_stopped(registry, clock)
    assert [what for _, _, what in told(reminders)] == ["transferred"]


def test_each_sees_what_concerns_their_prisons(registry: Registry, reminders: Reminders) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    create(registry, review="2026-06-02")
    far = Principal("user:far", frozenset({Role.CASE_OFFICER}), frozenset({"MDI"}), person=True)
    near = Principal("user:near", frozenset({Role.CASE_OFFICER}), frozenset({"LEI"}), person=True)
    assert [len(reminders.due(by)) for by in (far, near, OFFICER)] == [0, 1, 1]
    with pytest.raises(NotAllowedError):
        reminders.due(REVIEWER)


def test_what_ends_is_told_by_its_first_day_to_whom_it_concerns(
    registry: Registry, reminders: Reminders, clock: Clock
) -> None:
    today = clock().date()
    for id_, ahead, review in (("R1", 30, 3), ("R2", 10, 20), ("R3", 5, None), ("R4", 40, 50)):
        day = None if review is None else str(today + timedelta(days=review))
        create(registry, id_, day, until=str(today + timedelta(days=ahead)))
    until = str(today + timedelta(days=28))

    def ending(*prisons: str) -> list[str]:
        return [id_ for _, id_ in reminders.ending(prisons, until)]

    assert ending() == ["R1", "R3", "R2"]
    registry.restrictions.review(OFFICER, "R1", 1, "threats go on", str(today + timedelta(days=60)))
    assert ending() == ["R3", "R2"]
    registry.prisoners.move(OFFICER, HIS, "LEI")
    assert (ending("LEI"), ending("MDI")) == (["R3", "R2"], [])
    clock.now += timedelta(days=7)
    assert ending() == ["R2"]


def test_what_is_kept_turns_with_the_time_alone(
    registry: Registry, reminders: Reminders, clock: Clock
) -> None:
    create(registry, until=str(clock().date() + timedelta(days=30)))
    seen = []
    for _ in range(62):
        seen += [one.happening for one in reminders.due(OFFICER)]
        assert reminders.due(OFFICER) == Reminders(registry).due(OFFICER)
        clock.now += timedelta(days=1)
    assert list(dict.fromkeys(seen)) == [Happening.EXPIRES, Happening.EXPIRES_SOON, Happening.EXPIRED]
    assert reminders.due(OFFICER) == []


def test_what_is_closed_while_it_reads_has_read_nothing(registry: Registry, reminders: Reminders) -> None:
    create(registry, review="2020-01-01")
    reminders.close()
    assert reminders.step() == 0
    assert reminders.due(OFFICER) == []
