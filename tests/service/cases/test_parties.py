"""Parties: each with what it said for itself, side by side, and nobody is heard for another."""

from __future__ import annotations

import pytest

from service.cases.cases import Cases
from service.cases.model import Party
from service.cases.parties import ROLES, asking
from service.errors import InvalidError, NotFoundError
from service.public.asked import Asker
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, approved, asked, considered

POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police", reference="N/1")
VLO = Party(id="", role="vlo", name="Ida Marsh", reference="V/7", contact="ida@example.org")


def test_each_party_has_its_own_record_and_one_that_nobody_heard_shows_as_that(cases: Cases) -> None:
    case = approved(cases)
    case = cases.add_party(OFFICER, case.id, case.version, VLO)
    case = cases.add_party(OFFICER, case.id, case.version, Party(id="P1", role="probation", name="Cai Rees"))
    case = cases.hear_party(
        OFFICER, case.id, case.version, "P1", heard="2026-06-01", agrees="no", text="she is afraid"
    )
    vlo, probation = case.document.parties
    assert (vlo.id, vlo.heard, vlo.agrees, [one.text for one in vlo.notes]) == (
        "P1", "2026-06-01", "no", ["she is afraid"],
    )  # fmt: skip
    assert (probation.id, probation.heard, probation.agrees, probation.notes) == ("P2", None, "", ())
    assert {vlo.role, probation.role, asking(case).role} <= ROLES.keys()


def test_requests_behind_one_restriction_show_their_parties_to_who_opened_them(cases: Cases) -> None:
    first = approved(cases)
    second = considered(cases, asked(asker=POLICE))
    done = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[3])
    first = cases.add_party(OFFICER, first.id, first.version, VLO)
    (hidden,) = cases.parties_beside(SECOND, done.case)
    assert (hidden.case, hidden.parties) == (first.id, ())
    assert not cases.has_seen(SECOND, first)
    cases.view(SECOND, first, "to decide")
    (beside,) = cases.parties_beside(SECOND, done.case)
    assert [one.name for one in beside.parties] == ["Maren Thistlewood", "Ida Marsh"]
    assert [one.reference for one in beside.parties] == ["", "V/7"]
    cases.view(OFFICER, second, "to decide")
    assert [one.parties[0].name for one in cases.parties_beside(OFFICER, first)] == [
        "PC Osric Venn, Northmarch Police"
    ]


@pytest.mark.parametrize(
    ("heard", "agrees", "field"),
    [(None, "yes", "heard_P1"), (None, "", "party_note_P1"), ("2026-06-01", "perhaps", "agrees_P1")],
)
def test_what_is_missing_is_told(cases: Cases, heard: str | None, agrees: str, field: str) -> None:
    case = cases.add_party(OFFICER, approved(cases).id, 4, VLO)
    with pytest.raises(InvalidError) as refused:
        cases.hear_party(OFFICER, case.id, case.version, "P1", heard=heard, agrees=agrees, text=" ")
    assert refused.value.field == field
    with pytest.raises(NotFoundError):
        cases.hear_party(OFFICER, case.id, case.version, "P9", heard=None, agrees="", text="x")
    with pytest.raises(InvalidError):
        cases.add_party(OFFICER, case.id, case.version, Party(id="", role="spy", name="x"))
    assert case.prisoner == HIS
