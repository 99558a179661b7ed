"""The pages of one restriction: what is changed, and what stays hidden until it is asked for."""

from __future__ import annotations

import html
import re

import pytest

from engine.model import Contact, Exemption, ProtectedPerson
from service.access.model import Role
from service.registry.model import ListingState
from tests.service.console.conftest import ADDRESS, NAME, NUMBER, PRISONER, Console
from tests.service.console.registering import (
    MARKUP,
    confide,
    edited,
    latest,
    officer,
    views,
    why,
)

SEERS = (Role.REVIEWER, Role.CASE_OFFICER, Role.AUDITOR)
REVEALERS = (Role.REVIEWER, Role.CASE_OFFICER)
EDITORS = (Role.CASE_OFFICER,)
SECONDS = (Role.REVIEWER, Role.CASE_OFFICER, Role.ADMIN)
WHO_MAY = {
    "/restrictions": SEERS,
    "/restrictions?state=standing&prisoner=X1234BC": SEERS,
    "/restrictions/in-force": SEERS,
    "/restrictions/view/R1": SEERS,
    "/restrictions/new": EDITORS,
    "/restrictions/edit/R1": EDITORS,
    "/prisoners": SEERS,
    f"/prisoners/{PRISONER}": SEERS,
    "/contacts": REVEALERS,
    "/approvals": SECONDS,
}
FORM = {
    "id": "R7",
    "prisoners": PRISONER,
    "name": NAME,
    "aliases": "Rhosy Tallantyre",
    "phones": f"{NUMBER}\r\n020 7946 0123",
    "addresses": "14 Larkmead Street, Ambermouth, LS1 4AB",
    "emails": "",
    "handles": "",
    "scope": "estate",
    "prison": "lei",
    "pathway": "2",
    "from": "1/3/2026",
    "until": "",
    "court_order": "no",
    "court_order_text": "",
    "exceptions": "",
    "justification": "",
    "review": "",
    "notes": f"A note {MARKUP}",
    "agency": f"Police {MARKUP}",
    "requester": "PC Ambrose",
    "reference": "REF/1",
    "received": "28/2/2026",
    "reason": "Asked by the police",
}
HIDDEN = (NUMBER, "Rhoswen", "Tallantyre", "Larkmead", "LS1 4AB")


@pytest.mark.parametrize("role", list(Role))
def test_a_page_is_for_who_may_see_it_and_nobody_else(console: Console, role: Role) -> None:
    console.restrict()
    visitor = console.visitor(role)
    for path, roles in WHO_MAY.items():
        assert (path, visitor.get(path).status_code) == (path, 200 if role in roles else 403)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CASE_OFFICER])
def test_nobody_but_a_case_officer_changes_anything(console: Console, role: Role) -> None:
    console.restrict()
    visitor = console.visitor(role)
    for path in ("new", "edit/R1", "requests/R1", "withdraw/R1"):
        assert visitor.post(f"/restrictions/{path}", **FORM).status_code == 403
    assert visitor.post("/prisoners/move", moved=PRISONER, establishment="LEI").status_code == 403
    assert visitor.post("/prisoners/merge", removed=PRISONER, into="X1234BD", sure="yes").status_code == 403
    assert latest(console).version == 1


def test_an_auditor_sees_no_detail(console: Console) -> None:
    console.restrict()
    visitor = console.visitor(Role.AUDITOR)
    assert visitor.post("/restrictions/show/R1", why="curious").status_code == 403
    assert visitor.post("/contacts", contact=NUMBER, why="curious").status_code == 403
    assert views(console) == []


def test_a_form_without_the_sessions_token_changes_nothing(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    for path in ("/restrictions/new", "/restrictions/withdraw/R1", "/prisoners/move", "/contacts"):
        assert visitor.post(path, **{**FORM, "csrf": "another"}).status_code == 403
    assert latest(console).version == 1


def test_no_page_shows_a_detail_before_it_is_asked_for(console: Console) -> None:
    console.restrict()
    console.attempt()
    visitor = officer(console)
    for path in WHO_MAY:
        page = visitor.get(path).text
        assert [detail for detail in HIDDEN if detail in page] == []
    assert views(console) == []


def test_details_are_shown_with_a_reason_that_is_in_the_ledger(console: Console) -> None:
    console.restrict()
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/restrictions/show/R1", why="A flag of today").text
    assert NUMBER in page
    assert "Rhoswen &lt;b&gt;Tallantyre&lt;/b&gt;" in page
    assert "<b>Tallantyre" not in page
    (seen,) = views(console)
    assert (seen.actor, seen.subject, why(console, seen)) == (
        visitor.id,
        "restriction/R1/1",
        "A flag of today",
    )


def test_details_are_not_shown_without_a_reason(console: Console) -> None:
    console.restrict()
    answer = console.visitor(Role.REVIEWER).post("/restrictions/show/R1", why=" ")
    assert answer.status_code == 422
    assert "Enter why you need to see the details" in answer.text
    assert NUMBER not in answer.text
    assert views(console) == []


def test_an_older_version_can_be_seen_and_is_what_the_ledger_names(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    form = edited(console, visitor, phones=f"{NUMBER}\n020 7946 0555")
    assert visitor.post("/restrictions/edit/R1", **form).status_code == 303
    assert "020 7946 0555" in visitor.post("/restrictions/show/R1", why="now").text
    assert "020 7946 0555" not in visitor.post("/restrictions/show/R1", why="then", version="1").text
    assert [one.subject for one in views(console)][-2:] == ["restriction/R1/2", "restriction/R1/1"]
    assert visitor.post("/restrictions/show/R1", why="then", version="9").status_code == 422


def test_a_new_restriction_is_in_force_as_it_was_typed(console: Console) -> None:
    visitor = officer(console)
    answer = visitor.post("/restrictions/new", **FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/restrictions/view/R7?done=created")
    document = latest(console, "R7").document
    restriction = document.restriction
    assert restriction.protected == ProtectedPerson(name=NAME, aliases=("Rhosy Tallantyre",))
    assert [(one.kind, one.value) for one in restriction.contacts] == [
        ("phone", NUMBER),
        ("phone", "020 7946 0123"),
        ("address", "14 Larkmead Street, Ambermouth, LS1 4AB"),
    ]
    assert (restriction.establishment, restriction.pathway, restriction.from_) == ("LEI", 2, "2026-03-01")
    (request,) = document.requests
    assert (request.requester, request.reference, request.received) == ("PC Ambrose", "REF/1", "2026-02-28")
    page = visitor.get(answer.headers["location"]).text
    assert "The restriction is in force." in page
    assert MARKUP not in page
    assert html.escape(f"Police {MARKUP}") in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("prisoners", "", "Enter at least one prisoner number"),
        ("prisoners", "X1234BC nobody", "Prisoner numbers: line 2: not a prisoner number"),
        ("name", " ", "Enter the protected person"),
        ("name", "\u200b-", "Enter the protected person"),
        ("aliases", "Sally\n\u3164", "at least one letter"),
        ("phones", f"{NUMBER}\nno number", "Telephone numbers: line 2: no telephone number can be read"),
        ("scope", "", "Choose for whom it holds"),
        ("prison", "Leicester", "Prison: not a prison code"),
        ("from", "31/2/2026", "In force from: must be a real date"),
        ("until", "1/1/2026", "In force until: must be today or later"),
        ("review", "1/1/2020", "ust be today or later"),
        ("received", "1/1/2199", "Received on: must be today or in the past"),
        ("pathway", "9", "Choose a pathway"),
        ("pathway", "4", "Why it is necessary: required on pathway 4"),
        ("court_order_text", "Made at Ambermouth", "Say that there is a court order"),
        ("exceptions", f"nobody {NUMBER}", "Exceptions: line 1: not a prisoner number"),
        ("received", "yesterday", "Received on: must be a real date"),
        ("notes", "x" * 4_001, "Notes: must be 4,000 characters or fewer"),
        ("reason", "\x07", "Reason: take out the characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    console: Console, name: str, value: str, said: str
) -> None:
    answer = officer(console).post("/restrictions/new", **{**FORM, name: value})
    assert answer.status_code == 422
    assert "<title>Error: New restriction" in " ".join(answer.text.split())
    assert said in html.unescape(answer.text)
    assert 'value="REF/1"' in answer.text
    place = (
        {"court_order_text": "court_order"}.get(name, name)
        if said != "Why it is necessary: required on pathway 4"
        else "justification"
    )
    assert f'href="#{place}"' in answer.text
    assert f'id="{place}"' in answer.text
    with pytest.raises(Exception, match="no such restriction"):
        latest(console, "R7")


def test_a_form_without_any_contact_point_is_refused(console: Console) -> None:
    answer = officer(console).post("/restrictions/new", **{**FORM, "phones": "", "addresses": ""})
    assert answer.status_code == 422
    assert "Enter at least one number" in answer.text


def test_an_id_that_was_used_is_refused(console: Console) -> None:
    console.restrict()
    answer = officer(console).post("/restrictions/new", **{**FORM, "id": "R1"})
    assert answer.status_code == 409
    assert "There is, or was, a restriction with this id" in answer.text
    assert MARKUP not in answer.text


def test_a_contact_point_of_the_register_waits_and_its_author_is_told(console: Console) -> None:
    confide(console)
    page = officer(console).post("/restrictions/new", **FORM).text
    assert (
        f"“{NUMBER}” is on the confidential register, or of a prison, a court or the police: it is not"
        in page
    )
    assert "it would restrict contact point 1, which is on the confidential register, or of a prison" in page
    held = latest(console, "R7").document.restriction.contacts
    assert [contact.value for contact in held] == ["020 7946 0123", FORM["addresses"]]


def test_who_adds_a_request_is_told_what_stands_twice_and_sees_no_detail(console: Console) -> None:
    console.restrict()
    officer(console).post("/restrictions/new", **FORM)
    asked = {"version": "1", "agency": "Probation", "received": "1/4/2026", "reason": "They wrote too"}
    page = officer(console).post("/restrictions/requests/R7", **asked).text
    assert "contact point 1 stands in restriction R1 of the same prisoner already" in page
    assert not [value for value in HIDDEN if value in page]


def test_the_author_is_shown_what_a_field_was_read_as(console: Console) -> None:
    field = "home: 020 7946 0123, mob: 07700 900456 (old)"
    page = officer(console).post("/restrictions/new", **{**FORM, "phones": field}).text
    assert f"“{field}”: several values in one field: each is listed by itself" in page
    assert "07700 900456\nStops calls and texts to +447700900456" in page
    plain = officer(console).get("/restrictions/view/R7").text
    assert "several values" not in plain
    assert "900456" not in plain


def test_the_form_to_change_it_shows_details_after_a_reason_alone(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    assert visitor.post("/restrictions/edit/R1", why=" ").status_code == 422
    assert views(console) == []
    page = visitor.post("/restrictions/edit/R1", why="A new number").text
    assert NUMBER in page
    assert "waits for a second person" in page
    (seen,) = views(console)
    assert (seen.subject, why(console, seen)) == ("restriction/R1/1", "A new number")


def test_saving_what_is_shown_changes_nothing_of_it(console: Console) -> None:
    console.restrict(
        prisoner=(PRISONER, "X1234BD"),
        protected=ProtectedPerson(name=NAME, aliases=("R. Tallantyre,", "Rho")),
        contacts=(
            Contact(kind="address", value=ADDRESS),
            Contact(kind="phone", value=NUMBER),
            Contact(kind="email", value="rho@example.com"),
            Contact(kind="handle", value="@rho_t"),
        ),
        scope="prisoner",
        establishment=("LEI", "WWI"),
        pathway=3,
        from_="2026-01-01T10:00:00+00:00",
        until="2030-12-31",
        court_order={"court": "Ambermouth", "number": "7"},
        exceptions=(Exemption(prisoner=PRISONER, contact=ADDRESS, note="His\nchild"),),
    )
    before = latest(console)
    visitor = officer(console)
    assert visitor.post("/restrictions/edit/R1", **edited(console, visitor)).status_code == 303
    after = latest(console)
    assert after.version == 2
    one, two = before.document.restriction, after.document.restriction
    assert sorted(map(repr, one.contacts)) == sorted(map(repr, two.contacts))
    for name in ("prisoner", "protected", "scope", "establishment", "pathway", "from_", "until"):
        assert getattr(one, name) == getattr(two, name)
    assert (one.court_order, one.exceptions) == (two.court_order, two.exceptions)


def test_what_tightens_is_in_force_at_once(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    form = edited(console, visitor, phones=f"{NUMBER}\n020 7946 0555", reason="She has a new number")
    answer = visitor.post("/restrictions/edit/R1", **form)
    assert answer.headers["location"] == "/restrictions/view/R1?done=changed"
    assert "020 7946 0555" in [one.value for one in latest(console).document.restriction.contacts]
    page = visitor.get(answer.headers["location"]).text
    assert "Changed: contact points" in page
    assert "020 7946 0555" not in page


def test_what_loosens_waits_and_says_so(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    answer = visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    assert answer.headers["location"] == "/restrictions/view/R1?done=waits"
    page = visitor.get(answer.headers["location"]).text
    assert "waits for a second person" in page
    assert "a contact point is taken off" in page
    assert latest(console).version == 1


def test_a_change_of_a_version_that_is_not_the_newest_is_refused(console: Console) -> None:
    console.restrict()
    first, second = officer(console), officer(console, "oscar")
    form = edited(console, first, notes="one")
    assert second.post("/restrictions/edit/R1", **edited(console, second, notes="two")).status_code == 303
    answer = first.post("/restrictions/edit/R1", **form)
    assert answer.status_code == 409
    assert "Somebody changed it meanwhile" in answer.text
    assert latest(console).document.notes == "two"


def test_a_request_is_added_and_the_last_one_withdrawn_by_two_people(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    added = {"version": "1", "agency": f"Probation {MARKUP}", "reason": "Asked again"}
    assert visitor.post("/restrictions/requests/R1", **added).headers["location"].endswith("done=changed")
    assert [one.id for one in latest(console).document.requests] == ["1", "2"]
    page = visitor.get("/restrictions/view/R1").text
    assert MARKUP not in page
    taken = {"version": "2", "request": "1", "because": "A mistake"}
    assert visitor.post("/restrictions/withdraw/R1", **taken).headers["location"].endswith("done=changed")
    taken = {"version": "3", "request": "2", "because": "She asked for it"}
    assert visitor.post("/restrictions/withdraw/R1", **taken).headers["location"].endswith("done=waits")
    assert latest(console).state is ListingState.STANDING
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    second.post(f"/approvals/{asked.id}/show", why="To decide")
    answer = second.post(f"/approvals/{asked.id}/decide", answer="confirm", note="Checked with her")
    assert answer.status_code == 303
    assert latest(console).state is ListingState.WITHDRAWN
    assert "Confirmed by oidc:rita." in visitor.get("/restrictions/view/R1").text


def test_a_request_is_not_withdrawn_without_a_reason_or_twice(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    for form in (
        {"request": "1", "because": ""},
        {"because": "No more"},
        {"request": "5", "because": "No more"},
    ):
        assert visitor.post("/restrictions/withdraw/R1", version="1", **form).status_code == 422
    assert visitor.post("/restrictions/requests/R1", version="1", agency="Police").status_code == 422
    assert visitor.post("/restrictions/requests/R1", version="x", reason="Again").status_code == 409
    assert latest(console).version == 1
    assert console.system.registry.approvals.list() == []


def test_an_id_that_is_left_empty_is_made_by_the_service(console: Console) -> None:
    answer = officer(console).post("/restrictions/new", **{**FORM, "id": ""})
    assert answer.status_code == 303
    assert re.match(r"/restrictions/view/R-[2-9A-Z]{8}\b", answer.headers["location"])
