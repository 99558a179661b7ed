"""What was sent in is seen by who opened the case, drawn anew, and each look is recorded."""

from __future__ import annotations

from service.access.model import Role
from service.ledger import search
from service.ledger.record import Kind
from service.public.asked import EvidenceFile
from tests.service.cases.asking import OFFICER, asked
from tests.service.cases.test_evidence import picture
from tests.service.console.conftest import Console


def test_a_file_is_shown_drawn_anew_and_the_look_is_recorded(console: Console) -> None:
    files = (
        EvidenceFile(name="<b>photo</b>.png", content=picture("PNG")),
        EvidenceFile(name="words.txt", content=b"<script>alert(1)</script>"),
    )
    case = console.system.cases.take_in("intake", asked(kind="continuing", evidence=files), "form")
    assert case is not None
    case = console.system.cases.note(OFFICER, case.id, 1, "a later version has the names alone")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    assert visitor.get(f"/cases/{case.id}/evidence/1").status_code == 409
    page = visitor.post(f"/cases/{case.id}/open", why="To decide").text
    assert f'href="/cases/{case.id}/evidence/2"' in page
    shown = visitor.get(f"/cases/{case.id}/evidence/1").text
    assert "data:image/jpeg;base64," in shown
    assert "&lt;b&gt;photo" in shown
    assert "payload" not in shown
    text = visitor.get(f"/cases/{case.id}/evidence/2").text
    assert "&lt;script&gt;alert(1)" in text
    assert visitor.get(f"/cases/{case.id}/evidence/3").status_code == 404
    with console.system.database.read() as connection:
        looks = search.search(connection, subject=f"case/{case.id}", kind=Kind.VIEW, actor=visitor.id)
    assert len(looks) == 3
