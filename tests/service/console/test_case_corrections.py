"""A number that was keyed in wrongly, on its case's page: both are shown, and the wrong one goes by two."""

from __future__ import annotations

from service.access.model import Role
from tests.service.cases.asking import SECOND, approved
from tests.service.console.conftest import Console
from tests.service.console.test_cases import do
from tests.service.registry.listings import NUMBER, confirmed

RIGHT = "07700 900456"


def test_what_was_keyed_in_wrongly_is_put_right_on_its_page(console: Console) -> None:
    case = approved(console.system.cases)
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    page = visitor.post(f"/cases/{case.id}/open", why="To work on it").text
    assert "A number, an address or a name of hers is wrong" in page
    assert do(console, visitor, case.id, "correct", corrected="9").status_code == 422
    given = {"corrected": "1", "corrected_to": RIGHT, "corrected_because": "she said so"}
    without = do(console, visitor, case.id, "correct", **{**given, "corrected_because": ""})
    assert (without.status_code, "Say where that is known from" in without.text) == (422, True)
    made = do(console, visitor, case.id, "correct", **given)
    assert made.status_code == 200
    assert "A second person has to confirm it" in made.text
    assert do(console, visitor, case.id, "take-off", correction="0").status_code == 200
    (waits,) = console.system.registry.approvals.list(subject=case.id)
    confirmed(console.system.registry, SECOND, waits.id)
    again = visitor.post(f"/cases/{case.id}/open", why="To look").text
    assert "not on the restriction" in again
    assert NUMBER in again
    assert RIGHT in again
    assert do(console, visitor, case.id, "take-off", correction="0").status_code == 303
