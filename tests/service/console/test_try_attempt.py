"""Trying an attempt: the answer, what was read, and what stays hidden."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select

from engine.model import ProtectedPerson
from service.access.model import Role
from service.errors import UnavailableError
from service.ledger.record import Kind, ledger
from tests.service.console.conftest import NUMBER, OFFICER, PRISONER, Console
from tests.service.console.looking import records


def tried(console: Console, *roles: Role, **fields: str) -> httpx.Response:
    """A try by somebody who gives a reason, unless the fields say otherwise."""
    given = {
        "channel": "call",
        "to": NUMBER,
        "prisoner": PRISONER,
        "establishment": "LEI",
        "why": "a complaint",
    }
    visitor = console.visitor(*(roles or (Role.CASE_OFFICER,)), name="asker")
    return visitor.post("/try", **{**given, **fields})


def test_a_try_shows_the_answer_what_was_read_and_what_differs(console: Console) -> None:
    console.restrict()
    page = tried(console, to="141 07700 900124").text
    assert 'nc-verdict--flag"><span aria-hidden="true">▲</span> Flag' in page
    assert "+447700900124" in page
    assert "07700 90012<mark>4</mark>" in page
    assert "07700 90012<mark>3</mark>" in page
    assert "dialling code 141 removed" in page
    assert 'role="img" aria-label="Score' in page


def test_a_try_of_an_address_shows_its_fields_and_its_score_beside_the_threshold(console: Console) -> None:
    console.restrict()
    page = tried(
        console, channel="letter", to="R Tallantyre\r\n14 Larkmead Street\r\nAmbermouth\r\nLS1 4AB"
    ).text
    assert "■</span> Block" in page
    for field in ("Street", "Postcode", "LARKMEAD STREET", "LS1 4AB"):
        assert field in page
    assert re.search(r'aria-label="Score [01]\.\d\d, threshold 0\.40"', page)


def test_a_try_of_an_email_address_shows_it_as_read(console: Console) -> None:
    console.restrict()
    page = tried(console, channel="message", to="Someone@Example.ORG").text
    assert "E-mail address" in page
    assert "someone@example.org" in page
    assert "Nothing on the blocklist has to do with it" in page


def test_a_try_takes_the_prison_where_the_prisoner_is(console: Console) -> None:
    console.system.registry.prisoners.move(OFFICER, PRISONER, "MDI")
    console.system.registry.start()
    tried(console, establishment="")
    assert records(console, kind=Kind.VIEW)[0].establishment == "MDI"


def test_a_try_is_a_view_in_the_ledger_and_no_attempt(console: Console) -> None:
    console.restrict()
    tried(console, body="meet me <b>soon</b>")
    assert records(console, kind=Kind.DECISION) == []
    view = records(console, kind=Kind.VIEW)[0]
    assert (view.actor, view.subject, view.outcome) == ("oidc:asker", "try", "tried")
    assert view.codes == "RESTRICTED_NUMBER"
    assert (view.prisoner, view.detail) == (PRISONER, b"{}")
    assert console.system.vault.open(view.sealed, "ledger/try") == b"a complaint"
    with console.system.database.read() as connection:
        row = connection.execute(select(ledger).where(ledger.c.seq == view.seq)).one()
    for hidden in ("900123", "soon", "complaint", "Tallantyre"):
        assert hidden not in str(row._asdict())


def test_nothing_is_shown_that_could_not_be_recorded(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.restrict()

    def fail(record: object) -> None:
        raise UnavailableError("the ledger cannot be written")

    monkeypatch.setattr(console.system.ledger, "write_now", fail)
    page = tried(console, to="07700 900124")
    assert page.status_code == 503
    assert "900123" not in page.text
    assert "nc-verdict" not in page.text


@pytest.mark.parametrize(("role", "why"), [(Role.MAILROOM, "a complaint"), (Role.REVIEWER, "")])
def test_without_the_right_or_without_a_reason_what_is_listed_stays_hidden(
    console: Console, role: Role, why: str
) -> None:
    console.restrict()
    for fields in (
        {"to": "07700 900124"},
        {"channel": "letter", "to": "Some Body\n14 Larkmead Stret"},
        {"channel": "message", "to": "07700 900999", "body": "ask Rhoswen to ring"},
    ):
        page = tried(console, role, why=why, **fields).text
        assert "Hidden" in page, fields
        for hidden in ("900123", "Tallantyre", "LS1", "Ambermouth", "<mark>"):
            assert hidden not in page, fields


def test_with_both_it_is_shown_and_markup_in_it_is_text(console: Console) -> None:
    listed = ProtectedPerson(name="Rhoswen Tallantyre <b>&amp;</b>")
    console.restrict(protected=listed)
    page = tried(console, channel="letter", to="Rhoswen Tallantyre\n3 Other Road\nElsewhere ZE1 0AA").text
    shown = re.sub("</?mark>", "", page)
    assert "Rhoswen Tallantyre &lt;b&gt;&amp;amp;&lt;/b&gt;" in shown
    assert "<b>" not in shown


def test_whatever_is_typed_comes_back_as_text(console: Console) -> None:
    nasty = '"><script>alert(1)</script>'
    page = tried(console, to=nasty, body=nasty, why=nasty)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    refused = tried(console, channel=nasty, prisoner=nasty, establishment=nasty, to=nasty)
    assert refused.status_code == 422
    assert "<script>alert" not in refused.text


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"channel": ""}, "channel"),
        ({"to": ""}, "to"),
        ({"to": "1" * 20_000}, "to"),
        ({"prisoner": ""}, "prisoner"),
        ({"prisoner": "nobody"}, "prisoner"),
        ({"establishment": "Leeds"}, "establishment"),
        ({"why": "x" * 600}, "why"),
    ],
)
def test_a_try_that_cannot_be_used_names_the_field_and_is_not_recorded(
    console: Console, fields: dict[str, str], place: str
) -> None:
    page = tried(console, **fields)
    assert page.status_code == 422
    assert f'href="#{place}"' in page.text
    assert f'id="{place}"' in page.text
    assert records(console, kind=Kind.VIEW) == []


def test_staff_of_one_prison_try_for_that_prison_alone(console: Console) -> None:
    console.restrict()
    visitor = console.visitor(Role.REVIEWER, prisons=("MDI",))
    given = {"channel": "call", "to": NUMBER, "prisoner": PRISONER}
    for establishment, status in (("LEI", 403), ("", 403), ("MDI", 200)):
        assert visitor.post("/try", establishment=establishment, **given).status_code == status
