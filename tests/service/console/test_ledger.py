"""The ledger's pages: finding records, one with its proof, and whether all of it verifies."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from service.access.model import Right, Role
from service.console import ledger as ledger_pages
from service.ledger.record import Kind, ledger
from tests.service.console.conftest import NUMBER, PRISONER, Console
from tests.service.console.looking import ADMIN, records

MARKUP = "<b>Tallantyre</b>"


def test_the_ledger_is_searched_by_each_of_its_fields(console: Console) -> None:
    console.restrict()
    seq = console.attempt()
    auditor = console.visitor(Role.AUDITOR)
    today = console.clock().date()
    for query in (
        "kind=decision",
        "actor=key:switch",
        f"prisoner={PRISONER.lower()}",
        "establishment=lei",
        "outcome=block",
        "code=RESTRICTED_NUMBER",
        f"from={today - timedelta(days=1)}&to={today + timedelta(days=1)}",
        f"kind=decision&subject={records(console, kind=Kind.DECISION)[0].subject}",
    ):
        page = auditor.get(f"/ledger?{query}")
        assert page.status_code == 200
        assert f'href="/ledger/{seq}"' in page.text, query
    for query in ("kind=sign_out", "actor=nobody", "outcome=allow", "code=HOUSEHOLD", "to=2020-01-01"):
        assert "No record meets all of that" in auditor.get(f"/ledger?{query}").text, query


@pytest.mark.parametrize(
    "query",
    [
        "kind=<b>",
        "prisoner=1",
        "establishment=LEEDS",
        "outcome=A B",
        "code=a",
        "from=yesterday",
        "to=9999-12-31",
    ],
)
def test_a_field_of_the_search_that_cannot_be_used_is_named(console: Console, query: str) -> None:
    page = console.visitor(Role.AUDITOR).get("/ledger", params=httpx.QueryParams(query))
    assert page.status_code == 422
    assert "There is a problem" in page.text
    target = re.search(r'error-summary.*?href="#([a-z-]+)"', page.text, re.DOTALL)
    assert target is not None
    assert f'id="{target[1]}"' in page.text
    assert "<b>" not in page.text


def test_the_ledger_is_paged_by_number(console: Console) -> None:
    for count in range(55):
        console.system.access.refused(ADMIN, Right.REVIEW, f"/word{'x' * (count % 20)}/{'y' * (count // 20)}")
    auditor = console.visitor(Role.AUDITOR)
    first = auditor.get("/ledger?kind=refused").text
    following = re.search(r'rel="next" href="/ledger\?([^"]+)"', first)
    assert following is not None
    second = auditor.get(f"/ledger?{following[1].replace('&amp;', '&')}").text
    shown = [re.findall(r'href="/ledger/(\d+)"', page) for page in (first, second)]
    assert [len(one) for one in shown] == [50, 5]
    assert not set(shown[0]) & set(shown[1])


def test_a_number_leads_to_its_record(console: Console) -> None:
    auditor = console.visitor(Role.AUDITOR)
    assert auditor.get("/ledger?seq=1").headers["location"] == "/ledger/1"
    assert auditor.get("/ledger?seq=one").status_code == 422
    assert auditor.get("/ledger/999").status_code == 404
    assert auditor.get("/ledger/0").status_code == 422


def test_staff_of_one_prison_see_its_records_alone(console: Console) -> None:
    console.restrict()
    leeds, moorland = console.attempt(), console.attempt("C2", establishment="MDI")
    auditor = console.visitor(Role.AUDITOR, prisons=("MDI",))
    page = auditor.get("/ledger").text
    assert f'href="/ledger/{moorland}"' in page
    assert f'href="/ledger/{leeds}"' not in page
    assert auditor.get(f"/ledger/{moorland}").status_code == 200
    assert auditor.get(f"/ledger/{leeds}").status_code == 404


def test_a_record_is_shown_with_its_hashes_and_its_proof_and_nothing_that_is_sealed(console: Console) -> None:
    console.restrict()
    seq = console.attempt()
    page = console.visitor(Role.AUDITOR).get(f"/ledger/{seq}").text
    row, before = records(console, before_seq=seq + 1, limit=2)
    assert row.hash.hex() in page
    assert before.hash.hex() in page
    assert "This record verifies" in page
    assert "Restricted number" in page
    for hidden in (NUMBER, NUMBER.replace(" ", ""), "Tallantyre"):
        assert hidden not in page


def test_a_changed_record_does_not_verify_and_says_so(console: Console) -> None:
    console.restrict()
    seq = console.attempt()
    with console.system.database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == seq).values(actor=MARKUP))
    auditor = console.visitor(Role.AUDITOR)
    page = auditor.get(f"/ledger/{seq}").text
    assert "This record does not verify" in page
    assert "it was changed" in page
    assert MARKUP not in page
    assert "&lt;b&gt;Tallantyre" in page
    assert MARKUP not in auditor.get("/ledger").text
    whole = auditor.post("/ledger/verify").text
    assert "It does not verify" in whole
    assert f'href="/ledger/{seq}"' in whole


def test_the_whole_ledger_is_verified(console: Console) -> None:
    console.restrict()
    console.attempt()
    page = console.visitor(Role.AUDITOR).post("/ledger/verify")
    assert page.status_code == 200
    assert "It verifies" in page.text


def test_a_ledger_that_is_too_long_for_a_page_is_left_to_the_command(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_pages, "MOST_VERIFIED", 0)
    page = console.visitor(Role.AUDITOR).post("/ledger/verify").text
    assert "nocontact verify" in page
    assert "Too long for a page" in page
