"""Messages to whoever asked, as an officer reads, sends and holds them."""

from __future__ import annotations

from service.access.model import Role
from service.public.asked import Asker
from tests.service.cases.asking import OFFICER, asked
from tests.service.console.conftest import Console
from tests.service.console.test_cases import do


def test_a_message_is_read_on_its_case_let_go_and_sent(console: Console) -> None:
    her = Asker(who="self", name="Maren Thistlewood", email="m@example.org", safely="<after six>")
    case = console.system.cases.key_in(OFFICER, asked(asker=her), "telephone", "")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    listed = visitor.get("/cases/messages").text
    assert f'href="/cases/{case.id}"' in listed
    assert "Held until somebody has looked at it" in listed
    assert "example.org" not in listed
    note = {"message": "1", "message_1": "it is seven"}
    assert do(console, visitor, case.id, "message-release", **note).status_code == 409
    page = do(console, visitor, case.id, "open", why="To answer her").text
    assert "Safely: &lt;after six&gt;" in page
    assert do(console, visitor, case.id, "message-release", message="1").status_code == 422
    assert do(console, visitor, case.id, "message-release", message="²").status_code == 404
    assert do(console, visitor, case.id, "message-release", **note).status_code == 303
    page = do(console, visitor, case.id, "open", why="To answer her").text
    assert "About your request UPC-2222-2222" in page
    assert do(console, visitor, case.id, "message-sent", **note).status_code == 303
    assert "Sent by oidc:ida" in do(console, visitor, case.id, "open", why="Again").text
    assert "Everything was sent." in visitor.get("/cases/messages").text
