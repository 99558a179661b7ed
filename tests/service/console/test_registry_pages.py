"""The registry's pages: what is listed, changed, confirmed, and what stays hidden until it is asked for."""

from __future__ import annotations

import html
from typing import Any

import pytest
from sqlalchemy import select

from engine.model import ConfidentialEntry, Contact, Exemption, ProtectedPerson, Restriction
from service.access.model import Principal, Role
from service.ledger.record import Kind, ledger
from service.registry.model import RestrictionVersion, State
from tests.service.console.conftest import ADDRESS, NAME, NUMBER, OFFICER, PRISONER, Console, Visitor

MARKUP = "<script>alert(1)</script>"
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
    "addresses": "14 Larkmead Street, Ambermouth, QB1 4AB",
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
HIDDEN = (NUMBER, "Rhoswen", "Tallantyre", "Larkmead", "QB1 4AB")


def views(console: Console) -> list[Any]:
    """Records of what was seen, the oldest first."""
    with console.system.database.read() as connection:
        wanted = select(ledger).where(ledger.c.kind == Kind.VIEW.value).order_by(ledger.c.seq)
        return list(connection.execute(wanted))


def why(console: Console, record: Any) -> str:
    """What somebody gave as the reason."""
    return console.system.vault.open(record.sealed, f"ledger/{record.subject}").decode()


def latest(console: Console, id_: str = "R1") -> RestrictionVersion:
    """What holds now."""
    return console.system.registry.restrictions.get(id_)


def officer(console: Console, name: str = "olive") -> Visitor:
    """Who keeps the restrictions."""
    return console.visitor(Role.CASE_OFFICER, name=name)


def edited(console: Console, visitor: Visitor, id_: str = "R1", **changes: str) -> dict[str, str]:
    """The fields of the form as it is shown, with some changed."""
    page = visitor.post(f"/restrictions/edit/{id_}", why="to change it")
    assert page.status_code == 200
    return {**fields(page.text), **changes}


def fields(page: str) -> dict[str, str]:
    """What a browser would send of a page's last form, buttons left alone."""
    form = page.rpartition("<form")[2].partition("</form>")[0]
    found: dict[str, str] = {}
    for tag in form.split("<textarea")[1:]:
        name = tag.partition('name="')[2].partition('"')[0]
        found[name] = html.unescape(tag.partition(">")[2].partition("</textarea>")[0])
    for tag in form.split("<input")[1:]:
        tag = tag.partition(">")[0]
        name = tag.partition('name="')[2].partition('"')[0]
        is_choice = 'type="radio"' in tag or 'type="checkbox"' in tag
        if not is_choice or " checked" in tag:
            found[name] = html.unescape(tag.partition(' value="')[2].partition('"')[0])
    return found


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
        ("address", "14 Larkmead Street, Ambermouth, QB1 4AB"),
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
        ("id", "", "Enter an id"),
        ("prisoners", "", "Enter at least one prisoner number"),
        ("prisoners", "X1234BC nobody", "Prisoner numbers: line 2: not a prisoner number"),
        ("name", " ", "Enter the protected person"),
        ("phones", f"{NUMBER}\nno number", "Telephone numbers: line 2: no telephone number can be read"),
        ("scope", "", "Choose for whom it holds"),
        ("prison", "Leicester", "Prison: not a prison code"),
        ("from", "31/2/2026", "In force from: must be a real date"),
        ("until", "1/1/2026", "In force until: before from"),
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


def test_a_contact_point_of_the_register_is_warned_of(console: Console) -> None:
    confide(console)
    visitor = officer(console)
    answer = visitor.post("/restrictions/new", **FORM)
    assert answer.headers["location"].endswith("?done=watch")
    assert "on the confidential register" in visitor.get(answer.headers["location"]).text


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
    assert latest(console).state is State.STANDING
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    answer = second.post(f"/approvals/{asked.id}/decide", answer="confirm", note="Checked with her")
    assert answer.status_code == 303
    assert latest(console).state is State.WITHDRAWN
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


def test_restrictions_are_filtered_and_paged(console: Console) -> None:
    for number in range(51):
        console.system.registry.restrictions.create(OFFICER, restriction(f"P{number:02}"))
    console.restrict(id="Q1", prisoner="X1234BD")
    visitor = console.visitor(Role.AUDITOR)
    first = visitor.get("/restrictions").text
    assert "/restrictions/view/P49" in first
    assert "/restrictions/view/P50" not in first
    rest = visitor.get(
        html.unescape(first.rpartition('rel="next"')[0].rpartition('href="')[2].partition('"')[0])
    ).text
    assert "/restrictions/view/P50" in rest
    assert "/restrictions/view/P49" not in rest
    named = visitor.get("/restrictions?prisoner=x1234bd").text
    assert "/restrictions/view/Q1" in named
    assert "/restrictions/view/P00" not in named
    assert "/restrictions/view/" not in visitor.get("/restrictions?state=withdrawn").text


def test_a_filter_or_an_address_that_makes_no_sense_is_said_to(console: Console) -> None:
    visitor = console.visitor(Role.AUDITOR)
    answer = visitor.get(f"/restrictions?prisoner={MARKUP}%00")
    assert answer.status_code == 422
    assert "Enter a prisoner number" in answer.text
    assert MARKUP.upper() not in answer.text
    assert visitor.get("/restrictions?state=gone&after=%00").status_code == 200
    assert visitor.get("/restrictions/view/R%001").status_code == 404
    assert visitor.get("/prisoners/nobody").status_code == 422


def test_an_id_full_of_markup_is_escaped_and_leads_somewhere(console: Console) -> None:
    console.restrict(id=f"R?{MARKUP}&#1")
    visitor = officer(console)
    page = visitor.get("/restrictions").text
    assert MARKUP not in page
    link = html.unescape(page.partition('href="/restrictions/view/')[2].partition('"')[0])
    found = visitor.get(f"/restrictions/view/{link}")
    assert found.status_code == 200
    assert MARKUP not in found.text
    edit = html.unescape(found.text.partition('href="/restrictions/edit/')[2].partition('"')[0])
    asked = visitor.get(f"/restrictions/edit/{edit}")
    assert MARKUP not in asked.text
    action = html.unescape(asked.text.rpartition('action="')[2].partition('"')[0])
    form = visitor.post(action, why="to see where it leads")
    assert form.status_code == 200
    assert MARKUP not in form.text


@pytest.mark.parametrize(
    "wanted", [NUMBER, "+447700900123", ADDRESS, "rho@example.com", "tallantyre rhoswen"]
)
def test_a_restriction_is_found_by_what_it_holds_and_the_search_is_recorded(
    console: Console, wanted: str
) -> None:
    console.restrict(
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(
            Contact(kind="phone", value=NUMBER),
            Contact(kind="address", value=ADDRESS),
            Contact(kind="email", value="rho@example.com"),
        ),
    )
    console.restrict(
        id="R2",
        protected=ProtectedPerson(name="Owen Quill"),
        contacts=(Contact(kind="phone", value="020 7946 0999"),),
    )
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/restrictions/search", wanted=wanted).text
    assert "/restrictions/view/R1" in page
    assert "/restrictions/view/R2" not in page
    (seen,) = views(console)
    assert (seen.actor, seen.subject, why(console, seen)) == (visitor.id, "search/restrictions", wanted)


def test_a_search_escapes_what_was_typed_and_needs_something(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/restrictions/search", wanted=MARKUP)
    assert page.status_code == 200
    assert MARKUP not in page.text
    assert "0 found" in page.text
    assert visitor.post("/restrictions/search", wanted=" ").status_code == 422
    assert visitor.get(f"/restrictions/search?wanted={NUMBER}").status_code == 405


def test_what_was_in_force_at_a_moment_is_shown(console: Console) -> None:
    console.restrict(from_="2040-05-04", until="2040-06-01")
    visitor = console.visitor(Role.AUDITOR)
    for at, is_shown in (
        ("2040-05-03T23:59", False),
        ("2040-05-04T00:00", True),
        ("2040-06-01", True),
        ("2040-06-02", False),
        ("", False),
    ):
        page = visitor.get(f"/restrictions/in-force?at={at}").text
        assert ("/restrictions/view/R1" in page) is is_shown
    assert visitor.get("/restrictions/in-force?at=soon").status_code == 422
    assert visitor.get("/restrictions/in-force?at=0001-01-01T00:00%2B14:00").status_code == 422


def test_nobody_sees_what_concerns_other_prisons(console: Console) -> None:
    console.restrict(establishment="LEI")
    console.system.registry.prisoners.move(OFFICER, PRISONER, "LEI")
    console.attempt(establishment="LEI")
    visitor = console.visitor(Role.CASE_OFFICER, prisons=("WWI",))
    for path in ("/restrictions/view/R1", "/restrictions/edit/R1", f"/prisoners/{PRISONER}"):
        assert visitor.get(path).status_code == 404
    for path in ("show/R1", "edit/R1", "requests/R1", "withdraw/R1"):
        assert visitor.post(f"/restrictions/{path}", why="to see", version="1").status_code == 404
    for path in ("/restrictions", "/restrictions/in-force"):
        assert "R1" not in visitor.get(path).text
    assert "R1" not in visitor.post("/restrictions/search", wanted=NUMBER).text
    page = visitor.post("/contacts", contact=NUMBER, why="A call").text
    assert "R1" not in page
    assert "1 more in prisons that are not yours" in page


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


def test_one_contact_point_shows_who_holds_it_and_who_tried_it(console: Console) -> None:
    console.restrict()
    console.attempt("C1")
    console.attempt("C2", to="+44 7700 900123", prisoner="X1234BD")
    console.attempt("C3", to="020 7946 0999")
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/contacts", contact="07700900123", why="Who calls her?").text
    assert "/restrictions/view/R1" in page
    assert "This contact point" in page
    assert page.count("Call: ") == 2
    assert "X1234BD" in page
    (seen,) = views(console)
    assert (seen.actor, seen.subject) == (visitor.id, "search/contacts")
    assert why(console, seen) == "07700900123\nWho calls her?"


def test_an_address_near_a_listed_one_is_told_from_the_same_one(console: Console) -> None:
    console.restrict()
    console.attempt("L1", channel="letter", to=f"R Tallantyre\n{ADDRESS}")
    visitor = console.visitor(Role.REVIEWER)
    same = visitor.post("/contacts", contact="14 Larkmead St, Ambermouth QB1 4AB", why="A letter").text
    assert "This contact point" in same
    assert "Letter: " in same
    near = visitor.post("/contacts", contact="16 Larkmead Street, Ambermouth QB1 4AB", why="A letter").text
    assert "The same postcode or street" in near
    assert "This contact point" not in near
    assert "Letter: " not in near


def test_a_contact_point_that_was_taken_off_is_said_to_be_of_an_earlier_version(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    assert visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones="")).status_code == 303
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    assert second.post(f"/approvals/{asked.id}/decide", answer="confirm").status_code == 303
    assert "In an earlier version" in second.post("/contacts", contact=NUMBER, why="A call").text


def test_a_contact_point_of_the_register_is_told(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    assert "On the confidential register" not in visitor.post("/contacts", contact=NUMBER, why="A call").text
    confide(console)
    page = visitor.post("/contacts", contact=NUMBER, why="A call").text
    assert "On the confidential register" in page
    assert html.escape(f"Quill Law {MARKUP}") in page
    assert MARKUP not in page


def test_a_contact_point_is_not_looked_up_without_a_reason_or_when_it_is_none(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    for form in ({"contact": NUMBER}, {"why": "A call"}, {"contact": MARKUP, "why": " "}):
        answer = visitor.post("/contacts", **form)
        assert answer.status_code == 422
        assert MARKUP not in answer.text
    assert views(console) == []


def test_who_asked_cannot_confirm_and_is_told(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    (asked,) = console.system.registry.approvals.list()
    page = visitor.get(f"/approvals/{asked.id}").text
    assert "you cannot confirm it" in page
    assert 'value="confirm"' not in page
    answer = visitor.post(f"/approvals/{asked.id}/decide", answer="confirm")
    assert answer.status_code == 403
    assert "it takes a second person" in answer.text
    assert latest(console).version == 1
    assert visitor.post(f"/approvals/{asked.id}/decide", answer="refuse").status_code == 303
    assert console.system.registry.approvals.list() == []


def test_a_second_person_confirms_and_it_is_in_force(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    second = console.visitor(Role.REVIEWER, name="rita")
    page = second.get("/approvals").text
    assert "A contact point is taken off" in page
    (asked,) = console.system.registry.approvals.list()
    assert second.post(f"/approvals/{asked.id}/decide").status_code == 422
    assert second.post(f"/approvals/{asked.id}/decide", answer="confirm", note=MARKUP).status_code == 303
    assert NUMBER not in [one.value for one in latest(console).document.restriction.contacts]
    again = second.post(f"/approvals/{asked.id}/decide", answer="refuse")
    assert again.status_code == 409
    assert "It was decided before" in again.text
    assert "Nothing waits." in second.get("/approvals").text
    assert f"/approvals/{asked.id}" in second.get("/approvals?state=confirmed").text


def test_what_an_approval_would_change_is_shown_with_a_reason(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    form = edited(console, visitor, phones="020 7946 0555", reason=f"A new number {MARKUP}")
    visitor.post("/restrictions/edit/R1", **form)
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    before = second.get(f"/approvals/{asked.id}").text
    assert NUMBER not in before
    assert "020 7946 0555" not in before
    assert second.post(f"/approvals/{asked.id}/show", why="").status_code == 422
    page = second.post(f"/approvals/{asked.id}/show", why="To decide").text
    assert page.index(NUMBER) < page.index("020 7946 0555")
    assert "Larkmead" not in page
    assert MARKUP not in page
    seen = views(console)[-1]
    assert (seen.actor, seen.subject, why(console, seen)) == (second.id, f"approval/{asked.id}", "To decide")
    administrator = console.visitor(Role.ADMIN, name="ada")
    assert administrator.post(f"/approvals/{asked.id}/show", why="To decide").status_code == 403


def test_what_is_asked_of_the_register_and_of_many_can_be_seen(console: Console) -> None:
    console.restrict()
    second = console.visitor(Role.REVIEWER, name="rita")
    console.system.registry.restrictions.ask_removal("user:officer", ["R1", MARKUP], "Too old")
    console.system.registry.register.add(OFFICER, lawyer(), "Checked with the Law Society")
    for asked in console.system.registry.approvals.list():
        page = second.post(f"/approvals/{asked.id}/show", why="To decide").text
        assert MARKUP not in page
        said = "2 restrictions" if asked.kind == "removal" else "Checked with the Law Society"
        assert said in page


def test_an_approval_that_is_not_there_or_not_theirs_is_not_found(console: Console) -> None:
    console.restrict(establishment="LEI")
    visitor = officer(console)
    visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    (asked,) = console.system.registry.approvals.list()
    other = console.visitor(Role.REVIEWER, name="far", prisons=("WWI",))
    assert "R1" not in other.get("/approvals").text
    assert other.get(f"/approvals/{asked.id}").status_code == 404
    assert other.post(f"/approvals/{asked.id}/decide", answer="confirm").status_code == 404
    assert other.get(f"/approvals/{'0' * 16}").status_code == 404


def restriction(id_: str) -> Restriction:
    """A restriction of no particular content."""
    contacts = (Contact(kind="phone", value=NUMBER),)
    return Restriction(id=id_, prisoner=PRISONER, protected=ProtectedPerson(name=NAME), contacts=contacts)


def lawyer() -> ConfidentialEntry:
    """An entry of the register, with the number that others restrict."""
    contacts = (Contact(kind="phone", value=NUMBER),)
    return ConfidentialEntry(id="L1", name=f"Quill Law {MARKUP}", kind="solicitor", contacts=contacts)


def confide(console: Console) -> None:
    """Put it on the register, by two people."""
    registry = console.system.registry
    asked = registry.register.add(OFFICER, lawyer(), "Checked with the Law Society").approval
    assert asked is not None
    second = Principal("user:second", frozenset({Role.CASE_OFFICER}), person=True)
    registry.approvals.confirm(second, asked.id)
