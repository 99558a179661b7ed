"""A case over from its page: two people destroy it, and the page says what is left."""

from __future__ import annotations

from datetime import timedelta

from service.access.model import Role
from tests.service.cases.asking import OFFICER
from tests.service.console.conftest import Console
from tests.service.console.test_cases import do, keyed

KEPT = timedelta(days=2192)


def test_a_case_is_destroyed_by_two_people_and_its_page_says_what_is_left(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    assert "cannot be done now" in visitor.get(f"/cases/{id_}/destroy").text
    do(console, visitor, id_, "refuse", refused_because="not the person herself")
    assert "It can be destroyed later: it is kept until" in visitor.get(f"/cases/{id_}").text
    assert do(console, visitor, id_, "destroy", destroyed_because="early").status_code == 409
    console.clock.ahead += KEPT
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    assert f'href="/cases/{id_}/destroy"' in visitor.get(f"/cases/{id_}").text
    unsaid = do(console, visitor, id_, "destroy")
    assert unsaid.status_code == 422
    assert "Say why it is destroyed" in unsaid.text
    for stale in ("9" * 4_400, "1"):
        told = visitor.post(f"/cases/{id_}/destroy", version=stale, destroyed_because="six years are over")
        assert (told.status_code, "six years are over" in told.text) == (409, True)
    asked = do(console, visitor, id_, "destroy", destroyed_because="six years are over").headers["location"]
    assert asked in visitor.get(f"/cases/{id_}").text
    second = console.visitor(Role.CASE_OFFICER, name="eve")
    assert f"The destruction of what is sealed of case {id_}" in second.get(asked).text
    assert "six years are over" in second.post(f"{asked}/show", why="To decide").text
    assert second.post(f"{asked}/decide", answer="confirm").status_code == 303
    left = second.get(f"/cases/{id_}").text
    assert "A case that was destroyed" in left
    assert "Refused" in left
    assert "Maren" not in left
    assert id_ in second.get("/cases?which=done").text
    for act in ("note", "assign", "open", "refuse"):
        assert "Maren" not in do(console, second, id_, act, text="more", why="to see").text
    for page in ("bundle", "evidence/1", "notice"):
        assert "Maren" not in second.get(f"/cases/{id_}/{page}").text
    assert second.post(f"/cases/{id_}/bundle", reader="court", why="an order").status_code == 409
    assert console.system.cases.get(OFFICER, id_).version == 3
