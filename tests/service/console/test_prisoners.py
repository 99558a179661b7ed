"""A prisoner's page, his moves and his numbers."""

from __future__ import annotations

from service.access.model import Role
from tests.service.console.conftest import NUMBER, OFFICER, PRISONER, Console
from tests.service.console.registering import (
    MARKUP,
    officer,
)


def test_a_prisoners_page_shows_where_he_is_what_names_him_and_what_he_tried(console: Console) -> None:
    console.restrict()
    console.system.registry.prisoners.move(OFFICER, PRISONER, "LEI")
    console.system.registry.prisoners.move(OFFICER, PRISONER, "WWI")
    console.attempt()
    console.attempt("C2", to="020 7946 0999")
    page = console.visitor(Role.REVIEWER).get(f"/prisoners/{PRISONER}").text
    assert page.index("In WWI") < page.index("In LEI")
    assert "/restrictions/view/R1" in page
    assert page.count("Call: block") == 1
    assert "Restricted number. Restriction R1." in page
    assert NUMBER not in page


def test_a_try_that_met_many_restrictions_names_a_few(console: Console) -> None:
    for number in range(5):
        console.restrict(id=f"P{number}")
    console.attempt()
    page = console.visitor(Role.REVIEWER).get(f"/prisoners/{PRISONER}").text
    assert "and 2 more." in page


def test_the_number_box_leads_to_the_page(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    assert visitor.get("/prisoners?number= x1234bc ").headers["location"] == f"/prisoners/{PRISONER}"
    wrong = visitor.get(f"/prisoners?number={MARKUP}")
    assert wrong.status_code == 422
    assert MARKUP not in wrong.text
    assert visitor.get(f"/prisoners/{PRISONER}").status_code == 200


def test_a_prisoner_is_moved_and_his_numbers_merged(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    moved = visitor.post("/prisoners/move", page=PRISONER, moved=PRISONER, establishment="lei")
    assert moved.headers["location"] == f"/prisoners/{PRISONER}?done=moved"
    assert console.system.registry.where_is(PRISONER) == "LEI"
    unknown = {"moved": PRISONER, "unknown": "yes", "establishment": ""}
    assert visitor.post("/prisoners/move", **unknown).status_code == 303
    assert console.system.registry.where_is(PRISONER) is None
    pair = {"page": PRISONER, "removed": PRISONER, "into": "X1234BD"}
    unsure = visitor.post("/prisoners/merge", **pair)
    assert unsure.status_code == 422
    assert "Say that you are sure" in unsure.text
    merged = visitor.post("/prisoners/merge", **pair, sure="yes")
    assert merged.headers["location"] == "/prisoners/X1234BD?done=merged"
    page = visitor.get(merged.headers["location"]).text
    assert "X1234BD, X1234BC" in page
    assert "/restrictions/view/R1" in page
    again = visitor.post("/prisoners/merge", **pair, sure="yes")
    assert again.status_code == 409


def test_a_place_that_is_none_is_refused_at_its_field(console: Console) -> None:
    visitor = officer(console)
    for form in (
        {"moved": "nobody", "establishment": "LEI"},
        {"moved": PRISONER, "establishment": MARKUP[:20]},
    ):
        answer = visitor.post("/prisoners/move", **form)
        assert answer.status_code == 422
        assert MARKUP[:20] not in answer.text
    assert visitor.post("/prisoners/move", moved=PRISONER).status_code == 422
    there = console.visitor(Role.CASE_OFFICER, name="there", prisons=("WWI",))
    assert there.post("/prisoners/move", moved=PRISONER, establishment="LEI").status_code == 403
    assert console.system.registry.where_is(PRISONER) is None


def test_who_receives_a_prisoner_may_note_it_and_who_sent_him_sees_him_no_more(console: Console) -> None:
    console.system.registry.prisoners.move(OFFICER, PRISONER, "LEI")
    receiver = console.visitor(Role.CASE_OFFICER, name="receiver", prisons=("WWI",))
    sender = console.visitor(Role.CASE_OFFICER, name="sender", prisons=("LEI",))
    assert receiver.get(f"/prisoners/{PRISONER}").status_code == 404
    answer = receiver.post("/prisoners/move", moved=PRISONER, establishment="WWI")
    assert answer.headers["location"] == f"/prisoners/{PRISONER}?done=moved"
    assert sender.get(f"/prisoners/{PRISONER}").status_code == 404


def test_everything_wrong_with_a_move_or_a_merge_is_said_at_once(console: Console) -> None:
    editor = console.visitor(Role.CASE_OFFICER)
    moved = editor.post("/prisoners/move", moved="", establishment="")
    assert all(f'id="{name}-error"' in moved.text for name in ("moved", "establishment"))
    merged = editor.post("/prisoners/merge", removed="", into="x", page=PRISONER)
    assert merged.status_code == 422
