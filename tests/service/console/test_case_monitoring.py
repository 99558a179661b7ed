"""An officer puts a prisoner under heightened monitoring from a report, and who learns of it."""

from __future__ import annotations

import re
from datetime import timedelta

from service.access.model import Role
from service.ledger import search
from service.ledger.record import Kind
from tests.service.cases.asking import HIS, OFFICER, asked
from tests.service.console.conftest import Console, Visitor

FRIENDS = "Mr J Brown\n7 Quarry Lane\nOtherstead\nQB9 9ZZ"
OTHER = "B2345CD"
WHY = "two letters went by his cell mate"


def investigated(console: Console, kind: str = "continuing", number: str = HIS) -> str:
    """A report about a confirmed prisoner; its id."""
    cases = console.system.cases
    case = cases.key_in(OFFICER, asked(kind=kind), "telephone", "it goes on")
    return cases.confirm_prisoner(OFFICER, case.id, case.version, number, "she knows his number").id


def opened(console: Console, id_: str, name: str = "ida") -> Visitor:
    """An officer who has opened it."""
    visitor = console.visitor(Role.CASE_OFFICER, name=name)
    assert visitor.post(f"/cases/{id_}/open", why="To look into it").status_code == 200
    return visitor


def day(console: Console, days: int) -> str:
    return f"{console.clock() + timedelta(days=days):%d/%m/%Y}"


def letters(console: Console, number: str = "L1") -> str:
    """What an ordinary letter of his is answered."""
    console.system.current.refresh()
    console.attempt(number, channel="letter", to=FRIENDS, prisoner=HIS)
    with console.system.database.read() as connection:
        return search.search(connection, kind=Kind.DECISION, limit=1)[0].codes


def test_from_a_report_to_a_letter_that_is_held_and_back(console: Console) -> None:
    console.restrict()
    id_ = investigated(console)
    visitor = opened(console, id_)
    page = f"/cases/{id_}/monitoring"
    assert f'href="{page}"' in visitor.post(f"/cases/{id_}/open", why="Again").text
    for wrong in ({"reason": WHY}, {"last": day(console, 9)}, {"last": day(console, 99), "reason": WHY}):
        answer = visitor.post(f"{page}/start", **wrong)
        assert (answer.status_code, "There is a problem" in answer.text) == (422, True)
    assert letters(console, "L1") == ""
    assert visitor.post(f"{page}/start", last=day(console, 9), reason=WHY).status_code == 303
    assert letters(console, "L2") == "HEIGHTENED"
    assert WHY in visitor.get(page).text
    assert visitor.post(f"{page}/start", last=day(console, 9), reason=WHY).status_code == 409
    standing = {"number": HIS, "version": "1", f"reason_{HIS}": "it goes on", f"ended_{HIS}": "it is over"}
    answer = visitor.post(f"{page}/change", **{**standing, f"until_{HIS}": day(console, 30)})
    assert answer.status_code == 303
    assert visitor.post(f"{page}/end", **standing).status_code == 409
    assert visitor.post(f"{page}/end", **{**standing, "version": "2"}).status_code == 303
    assert letters(console, "L3") == ""


def test_who_has_not_opened_the_case_reads_nothing_and_a_request_starts_nothing(console: Console) -> None:
    id_ = investigated(console)
    other = console.visitor(Role.CASE_OFFICER, name="eve")
    assert other.get(f"/cases/{id_}/monitoring").status_code == 409
    request = investigated(console, "stop")
    visitor = opened(console, request)
    answer = visitor.post(f"/cases/{request}/monitoring/start", last=day(console, 9), reason=WHY)
    assert answer.status_code == 409
    assert not console.system.registry.monitorings.of(HIS)


def test_the_queue_says_why_and_not_who_ordered_it(console: Console) -> None:
    console.restrict()
    id_ = investigated(console)
    visitor = opened(console, id_)
    visitor.post(f"/cases/{id_}/monitoring/start", last=day(console, 9), reason=WHY)
    letters(console)
    reviewer = console.visitor(Role.REVIEWER, name="rae")
    shown = reviewer.get(f"/queue/{console.system.ledger.last_seq}").text
    assert "Heightened" in shown
    assert WHY not in shown


def test_two_monitorings_of_one_person_have_forms_of_their_own(console: Console) -> None:
    for number in (HIS, OTHER):
        id_ = investigated(console, number=number)
        visitor = opened(console, id_)
        page = f"/cases/{id_}/monitoring"
        assert visitor.post(f"{page}/start", last=day(console, 9), reason=WHY).status_code == 303
    console.system.registry.prisoners.merge(OFFICER, OTHER, HIS)
    shown = visitor.get(page).text
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    assert {f"until_{number}" for number in (HIS, OTHER)} <= set(ids)
    of_one = {"number": OTHER, "version": "1"}
    answer = visitor.post(f"{page}/end", **of_one)
    assert (answer.status_code, f'id="ended_{OTHER}-error"' in answer.text) == (422, True)
    assert f'id="ended_{HIS}-error"' not in answer.text
    assert visitor.post(f"{page}/end", **of_one, **{f"ended_{OTHER}": "one is enough"}).status_code == 303
    assert [one.prisoner for one in console.system.registry.monitorings.of(HIS)] == [HIS]
