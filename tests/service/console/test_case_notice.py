"""The letter is made with a name that is read, or the officer is told what cannot be."""

from __future__ import annotations

import pypdfium2
import pytest

from service.access.model import Role
from service.public.asked import Protected
from tests.service.cases.asking import OFFICER, SECOND, approved, asked
from tests.service.console.conftest import Console


@pytest.mark.parametrize(
    ("name", "told"), [("अनीता शर्मा", "cannot show these letters"), ("李娜", "some leave a gap")]
)
def test_a_name_that_is_not_sure_to_be_read_is_spelled_first(console: Console, name: str, told: str) -> None:
    person = Protected(name=name, numbers=("07700 900123",), aliases=("Anita",))
    case = approved(console.system.cases, asked(person=person, danger="no"))
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    visitor.post(f"/cases/{case.id}/open", why="To tell him")
    page = visitor.get(f"/cases/{case.id}/notice")
    assert page.headers["content-type"].startswith("text/html")
    assert told in page.text
    assert "Anita" in page.text
    assert visitor.post(f"/cases/{case.id}/notice", spelled="").status_code == 422
    assert visitor.post(f"/cases/{case.id}/notice", spelled=name).status_code == 422
    letter = visitor.post(f"/cases/{case.id}/notice", spelled="Anita Sharma")
    assert letter.headers["content-type"] == "application/pdf"
    text = " ".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(letter.content))
    assert text.count("Anita Sharma") == 2


def test_there_is_no_letter_while_two_people_have_not_weighed_the_danger(console: Console) -> None:
    cases = console.system.cases
    case = approved(cases, asked(danger="yes"))
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    page = visitor.post(f"/cases/{case.id}/open", why="to tell him").text
    assert "two people have to say why" in page
    assert f"/cases/{case.id}/notice" not in page
    assert visitor.get(f"/cases/{case.id}/notice").status_code == 409
    for officer in (OFFICER, SECOND):
        case = cases.weigh_notice(officer, case.id, case.version, "she has moved")
    assert f"/cases/{case.id}/notice" in visitor.post(f"/cases/{case.id}/open", why="again").text
    assert visitor.get(f"/cases/{case.id}/notice").headers["content-type"] == "application/pdf"
