"""An officer makes a bundle; each reader's archive has what was stopped, as far as it may."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from service.access.model import Role
from tests.service.cases.asking import HIS
from tests.service.console.conftest import Console
from tests.service.console.test_cases import HOME, NUMBER, do, keyed


def contents(data: bytes) -> dict[str, Any]:
    """What the archive's file holds."""
    file, paper = archive(data)
    assert paper.startswith(b"%PDF-")
    found: dict[str, Any] = json.loads(file)["bundle"]
    return found


def archive(data: bytes) -> tuple[str, bytes]:
    """Its file and its paper."""
    with zipfile.ZipFile(BytesIO(data)) as opened:
        return opened.read("bundle.json").decode(), opened.read("bundle.pdf")


def test_what_was_stopped_is_in_it_as_far_as_its_reader_may_know(console: Console) -> None:
    console.restrict(id="R-other", prisoner="A9999ZZ")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it")
    do(console, visitor, id_, "contacts", phones=NUMBER, addresses=HOME)
    do(console, visitor, id_, "approve", pathway="2")
    console.system.current.refresh()
    console.attempt("theirs", to=NUMBER, prisoner=HIS)
    assert "Make a bundle" in visitor.get(f"/cases/{id_}").text
    assert visitor.post(f"/cases/{id_}/bundle", reader="everybody", why="").status_code == 422
    answer = visitor.post(f"/cases/{id_}/bundle", reader="court", why="an order")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    (stopped,) = contents(answer.content)["decisions"]
    assert stopped["decision"] == "block"
    assert stopped["asked"]["to"] == NUMBER
    assert "R-other" not in answer.content.decode("latin-1")
    (hers,) = contents(visitor.post(f"/cases/{id_}/bundle", reader="person", why="hers").content)["decisions"]
    assert set(hers) == {"at", "channel", "decision"}
    untold = visitor.post(f"/cases/{id_}/bundle", reader="prisoner", why="his request")
    assert untold.status_code == 409
    assert "would tell him" in untold.text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
def test_nobody_else_makes_one(console: Console, role: Role) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    other = console.visitor(role, name="eve")
    for page in ("bundle", "destroy"):
        assert other.post(f"/cases/{id_}/{page}", reader="court", why="to see").status_code == 403
    assert other.get(f"/cases/{id_}/evidence/1").status_code == 403
    unseen = console.visitor(Role.CASE_OFFICER, name="unseen")
    assert unseen.post(f"/cases/{id_}/bundle", reader="court", why="to see").status_code == 409
