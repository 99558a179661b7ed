"""A request keyed in from an e-mail: it fills the form, and nothing is kept before an officer sends that."""

from __future__ import annotations

import html
import re

import httpx

from service.access.model import Role
from service.cases.email_reading import NOT_READABLE
from tests.service.cases.asking import OFFICER
from tests.service.cases.test_email_reading import SAID, email
from tests.service.console.conftest import Console, Visitor


def drop(visitor: Visitor, content: bytes | None = None, **fields: str) -> httpx.Response:
    files = {"email_file": ("plantedname.eml", content or b"")} if content is not None else {}
    data = {"csrf": visitor.csrf, **fields}
    answer: httpx.Response = visitor.client.post(
        "/cases/new/email", data=data, files=files, follow_redirects=False
    )
    return answer


def field(page: str, name: str) -> str:
    """What a field of the form holds."""
    shown = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
    text = re.search(rf'<textarea[^>]* name="{name}"[^>]*>([^<]*)<', page)
    found = shown or text
    return html.unescape(found[1]) if found else ""


def test_an_e_mail_fills_the_form_and_keeps_nothing(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    answer = drop(visitor, email().as_bytes())
    assert answer.status_code == 200
    assert "Check every field" in answer.text
    assert field(answer.text, "sought") == "Dave Harris"
    assert field(answer.text, "phones").splitlines() == ["07700 900123", "01632 960410"]
    assert SAID.strip() in field(answer.text, "words")
    assert console.system.cases.page(OFFICER) == []
    assert "plantedname" not in answer.text


def test_the_words_of_a_long_e_mail_are_kept_whole(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    words = "Er ist überall. " * 3_000 + "The end."
    page = drop(visitor, email_text=words).text
    filled = {"csrf": visitor.csrf, "words": field(page, "words"), "kind": "stop", "channel": "email"}
    filled |= {
        "who": "self",
        "asker": "M Thistlewood",
        "sought": "Dave Harris",
        "name": "Maren Thistlewood",
    }
    filled |= {"danger": "no", "urgency": "usual"}
    sent = {name: (None, value) for name, value in filled.items()}
    answer = visitor.client.post("/cases/new", files=sent, follow_redirects=False)
    assert answer.status_code == 303
    (case,) = console.system.cases.page(OFFICER)
    assert case.document.words == words
    assert case.document.channel == "email"
    assert case.document.asked.person.name == "Maren Thistlewood"
    assert case.document.asked.asker.name == "M Thistlewood"


def test_what_cannot_be_read_says_so_beside_its_field(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    for answer, what in (
        (drop(visitor, b"\x00\xffnothing"), NOT_READABLE),
        (drop(visitor), "choose a file, or paste the text"),
    ):
        assert answer.status_code == 422
        assert what[1:] in answer.text
        assert "govuk-error-message" in answer.text
    assert drop(console.visitor(Role.REVIEWER, name="rex"), email().as_bytes()).status_code == 403
    other = console.visitor(Role.CASE_OFFICER, name="eve")
    other.csrf = "forged"
    assert drop(other, email().as_bytes()).status_code == 403
