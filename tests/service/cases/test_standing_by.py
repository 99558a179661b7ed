"""What a restriction's next version takes from a request that stands behind it is refused, by however many
people: it ends by its case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from engine.model import Contact, Exemption, ProtectedPerson
from service.cases.cases import Cases
from service.cases.model import Case
from service.errors import ConflictError
from service.public.asked import Protected
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, THIRD, approved, asked, considered
from tests.service.cases.test_reminders import is_stopped
from tests.service.cases.test_resolutions import shared
from tests.service.registry.listings import ANOTHER, NUMBER, Clock, confirmed, exempt, phones

MISREAD = "07700 900132"
TAKEN_AWAY: dict[str, dict[str, Any]] = {
    "it is over": {"until": "2026-05-31"},
    "it is over today": {"until": "2026-06-01"},
    "it is over in an hour": {"until": "2026-06-01T11:30"},
    "it is over before a withdrawal could end it": {"until": "2026-06-13"},
    "it begins later": {"from_": "2099-01-01"},
    "it begins tonight": {"from_": "2026-06-01T23:00"},
    "he may ring her": {"exceptions": exempt(HIS)},
    "he may ring her, by a note that says so": {
        "exceptions": (Exemption(prisoner=HIS, contact=NUMBER, note="case C: a named exception"),)
    },
    "her name is another": {"protected": ProtectedPerson(name="Ann Larch")},
    "her number is another": {"contacts": phones("07700 900999")},
    "for the named prisoners alone": {"scope": "prisoner"},
    "for another prisoner": {"prisoner": ANOTHER},
}


def change(registry: Registry, id_: str, **changed: Any) -> None:
    """Asked for by one officer, confirmed by another where that is needed."""
    found = registry.versions.get(id_)
    restriction = replace(found.document.restriction, **changed)
    written = registry.restrictions.change(OFFICER, id_, found.version, "by hand", restriction=restriction)
    if written.approval is not None:
        confirmed(registry, SECOND, written.approval.id)


def withdrawing(cases: Cases, pressed: str = "unsure") -> Case:
    case = approved(cases)
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "a man who rang")
    return cases.call_back(OFFICER, case.id, case.version, "nobody knows", pressed)


@pytest.mark.parametrize("is_withdrawing", [False, True])
@pytest.mark.parametrize("changed", TAKEN_AWAY.values(), ids=TAKEN_AWAY.keys())
def test_a_change_takes_no_request_back(
    cases: Cases, registry: Registry, clock: Clock, changed: dict[str, Any], is_withdrawing: bool
) -> None:
    case = withdrawing(cases) if is_withdrawing else approved(cases)
    with pytest.raises(ConflictError, match=case.id):
        change(registry, case.id, **changed)
    assert is_stopped(registry, clock)
    assert cases.why_not_in_force(case) is None
    assert registry.approvals.list(subject=case.id) == []


def test_what_waits_takes_nothing_away_that_it_did_not_when_it_was_asked_for(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    """A last day that passes before anybody confirms it."""
    case = approved(cases)
    ends = replace(registry.versions.get(case.id).document.restriction, until="2026-06-16")
    waits = registry.restrictions.change(OFFICER, case.id, 1, "for a day", restriction=ends).approval
    assert waits is not None
    clock.now += timedelta(days=3)
    with pytest.raises(ConflictError, match=case.id):
        confirmed(registry, SECOND, waits.id)
    assert is_stopped(registry, clock)


@pytest.mark.parametrize("changed", [{"until": "2026-09-01"}, {"exceptions": exempt(HIS)}])
def test_while_somebody_asks_that_it_end_it_ends_by_its_case_alone(
    cases: Cases, registry: Registry, clock: Clock, changed: dict[str, Any]
) -> None:
    case = withdrawing(cases)
    with pytest.raises(ConflictError, match=case.id):
        change(registry, case.id, **changed)
    cases.keep(SECOND, case.id, case.version, "she was not free")
    clock.now += timedelta(days=20)
    assert is_stopped(registry, clock)


def test_what_no_standing_request_names_goes(cases: Cases, registry: Registry) -> None:
    case = approved(cases)
    change(registry, case.id, contacts=phones(NUMBER, "07700 900999"))
    change(registry, case.id, contacts=phones("+44 7700 900123"))
    change(registry, case.id, until="2026-12-31")
    change(registry, case.id, exceptions=exempt(ANOTHER))
    assert cases.why_not_in_force(case) is None


def test_a_number_that_was_misread_gives_way_to_what_she_wrote(cases: Cases, registry: Registry) -> None:
    case = considered(cases)
    case = cases.list_contacts(OFFICER, case.id, case.version, phones(MISREAD))
    said = replace(PATHWAYS[2], left_out="so the officer read it")
    case = cases.approve(OFFICER, case.id, case.version, said).case
    with pytest.raises(ConflictError, match=case.id):
        change(registry, case.id, contacts=phones("07700 900999"))
    change(registry, case.id, contacts=phones(NUMBER))
    with pytest.raises(ConflictError, match=case.id):
        change(registry, case.id, contacts=phones(MISREAD))


def test_an_address_written_otherwise_is_the_same_door(cases: Cases, registry: Registry) -> None:
    home = Contact(kind="address", value="7 Larkmead Road, Northmarch, LS1 4AB")
    person = Protected(name="Maren Thistlewood", addresses=(home.value,))
    case = considered(cases, asked(person=person), (home,))
    cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    again = (Contact(kind="address", value="7 larkmead rd\nNorthmarch\nLS14AB"),)
    change(registry, case.id, contacts=again)
    assert registry.versions.get(case.id).document.restriction.contacts == again


def test_a_resolution_lets_through_what_it_names(cases: Cases, registry: Registry) -> None:
    case = approved(cases)
    done = cases.resolve(OFFICER, case.id, case.version, shared(prisoner=HIS))
    assert done.approval is not None
    confirmed(registry, THIRD, done.approval)
    assert cases.why_not_in_force(done.case) is None


def test_a_name_that_a_request_gave_stays_however_else_it_is_written(
    cases: Cases, registry: Registry
) -> None:
    """Letters that name her are held by each name of hers."""
    person = Protected(name="Maren Thistlewood", aliases=("Mary Venn",), numbers=(NUMBER,))
    case = approved(cases, asked(person=person))
    change(registry, case.id, protected=ProtectedPerson(name="MAREN THISTLEWOOD", aliases=("Mary Venn", "M")))
    change(registry, case.id, protected=ProtectedPerson(name="Mary Venn", aliases=("Maren Thistlewood",)))
    with pytest.raises(ConflictError, match="a name that it gave"):
        change(registry, case.id, protected=ProtectedPerson(name="Maren Thistlewood"))


def test_an_exception_for_somebody_lets_nobody_through_whose_number_turns_out_to_be_his(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    """It was given to another prisoner; that the two numbers are one person's is one officer's word."""
    case = approved(cases)
    change(registry, case.id, exceptions=exempt(ANOTHER))
    assert not is_stopped(registry, clock, ANOTHER)
    registry.prisoners.merge(OFFICER, HIS, ANOTHER)
    assert is_stopped(registry, clock)
    assert is_stopped(registry, clock, ANOTHER)
    assert cases.why_not_in_force(case) is None
    with pytest.raises(ConflictError, match="decided there first"):  # who is named by it would have it
        change(registry, case.id, prisoner=(HIS, ANOTHER))
    second = considered(cases, asked("UPC-3333-3333"))
    cases.join(OFFICER, second.id, second.version, case.id, PATHWAYS[2])
    assert is_stopped(registry, clock, ANOTHER)
