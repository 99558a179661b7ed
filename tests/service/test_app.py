"""The whole application: what goes to whom, and what every error looks like from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.exc import OperationalError

from service.access.model import Role
from service.errors import PROBLEM_JSON
from service.ledger.record import Kind, Record
from service.operations import health
from service.storage import sealing
from tests.service.api.calling import Service, serving
from tests.service.databases import MASTER, sqlite_in

DETAIL = "07700 900123"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """An empty service."""
    database = sqlite_in(tmp_path)
    with serving(database, sealing.open_vault(database, MASTER), tmp_path) as opened:
        yield opened
    database.close()


@pytest.fixture
def nobody(service: Service) -> TestClient:
    return service.nobody()


@pytest.fixture
def document(service: Service) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = service.machine(Role.MONITOR).get("/openapi.json").json()
    return found


def assert_problem(answer: Response, status: int, **fields: str) -> None:
    """A problem document, that quotes the request's id."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM_JSON), answer.text
    told = answer.json()
    assert {"status": status, "request": answer.headers["x-request-id"], **fields}.items() <= told.items()
    assert set(told) <= {"title", "status", "detail", "field", "request"}


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/check/nothing", "/health/nothing", "/v1/"])
def test_an_unknown_address_is_a_problem(nobody: TestClient, path: str) -> None:
    assert_problem(nobody.post(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/v1/restrictions", {"GET", "POST"}),
        ("DELETE", "/v1/ledger/7", {"GET"}),
        ("GET", "/v1/check/call", {"POST", "OPTIONS"}),
        ("POST", "/health", {"GET", "HEAD"}),
        ("DELETE", "/v1/restrictions/R1", {"GET", "PUT"}),
    ],
)
def test_a_method_that_is_not_there_is_told_which_are(
    nobody: TestClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = nobody.request(method, path)
    assert_problem(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/v1/session", "/v1/check/call", "/sign-in"])
@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_body_beyond_the_limit_is_refused_whatever_it_says_of_its_length(
    service: Service, path: str, in_pieces: bool
) -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield b"a" * 100_000

    client = service.machine(Role.PHONE_SYSTEM)
    kind = "application/x-www-form-urlencoded" if path == "/sign-in" else "application/json"
    content = pieces() if in_pieces else b"".join(pieces())
    answer = client.post(path, content=content, headers={"content-type": kind})
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"name": ' * 100_000,
        b"no json",
        b'{"name": "\xff"}',
        b'{"name": "a", "password": "\\ud800"}',
        b'{"name": "a\\u0000", "password": "b"}',
        b"",
    ],
)
def test_a_body_that_cannot_be_read_is_refused(nobody: TestClient, body: bytes) -> None:
    answer = nobody.post("/v1/session", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert_problem(answer, answer.status_code)


def test_what_is_invalid_is_named_and_not_repeated(service: Service) -> None:
    officer = service.person("olive", Role.CASE_OFFICER)
    body = {
        "id": "R1",
        "prisoner": "A1234BC",
        "protected": {"name": "Rhoswen Tallantyre"},
        "contacts": [{"kind": "phone", "value": DETAIL}, {"kind": DETAIL, "value": 7}],
    }
    answer = officer.post("/v1/restrictions", json=body)
    assert_problem(answer, 422)
    assert answer.json()["field"].startswith("contacts[1].")
    assert DETAIL not in answer.text
    named = officer.post("/v1/restrictions", json={f"{DETAIL} Rhoswen": 1})
    assert named.status_code == 422
    assert "Rhoswen" not in named.text


def test_an_error_that_nobody_expected_says_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(system: object) -> None:
        raise ValueError(DETAIL)

    monkeypatch.setattr(health, "state", break_down)
    with structlog.testing.capture_logs() as logged:
        answer = service.machine(Role.AUDITOR).get("/v1/status")
    assert_problem(answer, 500, title="Internal error")
    assert DETAIL not in answer.text
    assert [(line["event"], line["error"]) for line in logged if line["log_level"] == "error"] == [
        ("unexpected", "ValueError")
    ]


def test_an_unexpected_error_on_a_page_is_a_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*given: object, **named: object) -> None:
        raise ValueError(DETAIL)

    monkeypatch.setattr(service.system.access, "signed_in", break_down)
    answer = service.person("rita", Role.REVIEWER).get("/queue")
    assert answer.status_code == 500
    assert DETAIL not in answer.text


@pytest.fixture
def caller(service: Service, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A machine of every role at a service whose database is gone."""

    def refuse(*given: object) -> None:
        raise OperationalError(f"SELECT {DETAIL}", {}, ConnectionError("connection refused"))

    client = service.machine(*(role for role in Role if role is not Role.ADMIN))
    monkeypatch.setattr(type(service.system.database.engine), "connect", refuse)
    return client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/restrictions"),
        ("POST", "/v1/restrictions"),
        ("GET", "/v1/ledger"),
        ("GET", "/v1/status"),
        ("POST", "/v1/check/call"),
        ("POST", "/v1/check/batch"),
        ("POST", "/v1/session"),
    ],
)
def test_without_its_database_it_says_so(caller: TestClient, method: str, path: str) -> None:
    answer = caller.request(method, path, json={"name": "admin", "password": "a password of hers"})
    assert_problem(answer, 503)
    assert DETAIL not in answer.text


def test_without_its_database_it_lives_and_is_not_ready(
    service: Service, request: pytest.FixtureRequest
) -> None:
    watcher, other = service.machine(Role.MONITOR), service.machine(Role.AUDITOR)
    assert watcher.get("/metrics").status_code == 200
    caller = request.getfixturevalue("caller")
    service.system.access._remembered.clear()
    assert caller.get("/health").status_code == 200
    ready = caller.get("/health/ready")
    assert (ready.status_code, ready.json()["database"]["state"]) == (503, "unreachable")
    assert watcher.get("/metrics").status_code == 200  # let in before: they tell that it is away
    assert other.get("/metrics").status_code == 503


# ── what every answer carries ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/v1/status", "/v1/check/call", "/health", "/docs", "/sign-in", "/metrics"])
def test_a_request_goes_by_the_id_that_it_came_with(nobody: TestClient, path: str) -> None:
    given = "switch-7.4_b"
    assert nobody.get(path, headers={"x-request-id": given}).headers["x-request-id"] == given
    for odd in ("x" * 101, "a b", f"{DETAIL}\t", "", "<b>"):
        made = nobody.get(path, headers={"x-request-id": odd}).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+-[0-9a-f]+", made), odd


@pytest.mark.parametrize("path", ["/v1/status", "/health", "/docs", "/sign-in", "/metrics", "/nothing"])
def test_a_browser_is_told_to_guess_nothing_frame_nothing_and_keep_nothing(
    nobody: TestClient, path: str
) -> None:
    headers = nobody.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_head_request_is_enough_for_health(nobody: TestClient) -> None:
    assert nobody.head("/health").status_code == 200
    assert nobody.head("/health/ready").status_code == nobody.get("/health/ready").status_code


# ── the document ────────────────────────────────────────────────────────────────────────────────────────


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, each in document["paths"].items() for method, one in each.items()]


def test_the_document_has_the_checks_and_the_rest(document: dict[str, Any]) -> None:
    paths = set(document["paths"])
    assert {"/v1/check/call", "/v1/check/batch", "/v1/ledger", "/v1/restrictions", "/v1/session"} <= paths
    assert all(path.startswith("/v1/") for path in paths)
    identifiers = [one["operationId"] for *_, one in operations(document)]
    assert len(identifiers) == len(set(identifiers))


def test_every_operation_needs_a_key_or_a_session_and_both_are_described(document: dict[str, Any]) -> None:
    needed = {scheme for *_, one in operations(document) for way in one["security"] for scheme in way}
    assert needed == set(document["components"]["securitySchemes"]) == {"bearer", "session"}


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"]


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(
    service: Service, document: dict[str, Any]
) -> None:
    page = service.machine(Role.MONITOR).get("/docs").text
    for path, method, _ in operations(document):
        assert f"{method.upper()} {path}</code>" in page
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!/|#)[^"]*"', page) == []


# ── what is in force, and what happened ─────────────────────────────────────────────────────────────────


def test_what_is_in_force_is_shown(service: Service) -> None:
    service.system.current.refresh()
    auditor = service.machine(Role.AUDITOR)
    before = service.system.ledger.last_seq
    status = auditor.get("/v1/status").json()
    assert before <= status["ledger_records"] <= service.system.ledger.last_seq
    assert status["blocklist"].startswith("sha256:")
    assert (status["restrictions"], status["confidential"], status["why_not"]) == (0, 0, None)
    policy = auditor.get("/v1/policy").json()
    assert policy["version"] == status["policy"]
    assert "stale_after_hours" in json.dumps(policy["table"])


def record(number: int, prison: str | None) -> Record:
    return Record(
        at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
        kind=Kind.CHANGE,
        actor="user:olive",
        subject=f"restriction/R{number}/1",
        establishment=prison,
        outcome="created",
        sealed=DETAIL.encode(),
    )


def test_an_auditor_of_one_prison_sees_its_records_alone(service: Service) -> None:
    for number, prison in enumerate(("LEI", "MDI", None)):
        service.system.ledger.write_now(record(number, prison))
    subjects = [f"restriction/R{number}/1" for number in range(3)]
    everywhere, leeds = service.machine(Role.AUDITOR), service.machine(Role.AUDITOR, prisons=("LEI",))
    wanted = {"actor": "user:olive"}
    seen = everywhere.get("/v1/ledger", params=wanted).json()
    assert [one["subject"] for one in seen] == subjects[::-1]
    assert [one["subject"] for one in leeds.get("/v1/ledger", params=wanted).json()] == subjects[:1]
    statuses = [leeds.get(f"/v1/ledger/{one['seq']}").status_code for one in reversed(seen)]
    assert statuses == [200, 404, 404]
    assert leeds.get("/v1/ledger", params={**wanted, "establishment": "MDI"}).json() == []


def test_the_ledger_is_read_page_by_page_and_its_sealed_part_is_not_shown(service: Service) -> None:
    for number in range(5):
        service.system.ledger.write_now(record(number, None))
    auditor = service.machine(Role.AUDITOR)
    found: list[dict[str, Any]] = []
    while page := auditor.get(
        "/v1/ledger",
        params={"kind": "change", "actor": "user:olive", "limit": 2}
        | ({"before_seq": found[-1]["seq"]} if found else {}),
    ).json():
        found += page
    assert [one["subject"] for one in found] == [f"restriction/R{number}/1" for number in range(4, -1, -1)]
    assert all("sealed" not in one for one in found)
    assert auditor.get("/v1/ledger", params={"limit": 201}).status_code == 422


def test_the_service_records_that_it_started_and_stopped(tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    with serving(database, sealing.open_vault(database, MASTER), tmp_path) as service:
        pass
    assert [row.outcome for row in service.records(actor="system", subject="service")] == [
        "started",
        "stopped",
    ]
    database.close()
