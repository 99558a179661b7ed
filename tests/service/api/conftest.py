"""What the tests of the registry's routes send, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from service.access.model import Role
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.api.calling import Service, serving

PRISONER, BROTHER = "A1234BC", "A9999ZZ"
NUMBER, MAIL, HANDLE = "07700 900123", "sally@example.org", "@sallyo"
ADDRESS = "10 Larkmead Street\nAmbermouth\nLS1 4AB"
RESTRICTION: dict[str, Any] = {
    "id": "R1",
    "prisoner": PRISONER,
    "establishment": "LEI",
    "pathway": 4,
    "from": "2026-01-01",
    "protected": {"name": "Sarah Jane Okafor", "aliases": ["Sally Okafor"]},
    "contacts": [
        {"kind": "phone", "value": NUMBER},
        {"kind": "address", "value": ADDRESS},
        {"kind": "email", "value": MAIL},
        {"kind": "handle", "value": HANDLE},
    ],
    "exceptions": [{"prisoner": BROTHER, "contact": NUMBER, "note": "her brother Emeka"}],
}
REQUEST = {
    "id": "Q1",
    "agency": "Ambermouth Police",
    "requester": "PC Tolliver",
    "reference": "AM/4711",
    "received": "2026-01-01",
}
CREATION = RESTRICTION | {
    "request": REQUEST,
    "justification": "she moved twice",
    "review": "2026-07-01",
    "notes": "rings at night",
    "reason": "the first refusal",
}
ENTRY: dict[str, Any] = {
    "id": "E1",
    "name": "Example Law LLP",
    "kind": "legal",
    "contacts": [{"kind": "phone", "value": "020 7946 0123"}],
}


@pytest.fixture
def service(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Service]:
    """An empty service, on each kind of database in turn."""
    with serving(database, vault, tmp_path) as opened:
        yield opened


@pytest.fixture
def officer(service: Service) -> TestClient:
    return service.person("olive", Role.CASE_OFFICER)


@pytest.fixture
def second(service: Service) -> TestClient:
    return service.person("sam", Role.REVIEWER)


def create(officer: TestClient, **changed: Any) -> dict[str, Any]:
    """A restriction as CREATION has it but for `changed`; the answer."""
    made: dict[str, Any] = told(officer.post("/v1/restrictions", json=CREATION | changed), 201)
    return made


def confirm(by: TestClient, approval: dict[str, Any], note: str = "") -> Response:
    """An approval opened, and the answer to its being confirmed."""
    told(by.post(f"/v1/approvals/{approval['id']}/reveal", json={"why": "to decide"}))
    answer: Response = by.post(f"/v1/approvals/{approval['id']}/confirm", json={"note": note})
    return answer


def told(answer: Response, status: int = 200) -> Any:
    """What an answer of this status says."""
    assert answer.status_code == status, answer.text
    return answer.json()
