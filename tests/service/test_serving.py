"""`nocontact serve` as its users meet it: a process, a socket, nothing put in its place."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.access.model import Role
from service.storage.database import Database, metadata
from tests.service import postgres
from tests.service.conftest import SKIPPED
from tests.service.running import Service, command, service_in

CALL = {"id": "C1", "prisoner": "X1234BC", "establishment": "LEI", "to": "141 07700 900123"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the tests that leave it as it was."""
    with service_in(tmp_path_factory.mktemp("service")) as running:
        yield running


def test_a_life_from_init_to_the_end(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        admin = service.admin()
        made = admin.post("/v1/keys", json={"id": "switch", "roles": ["phone_system"], "prisons": ["LEI"]})
        switch = httpx.Client(
            base_url=service.url, headers={"authorization": f"Bearer {made.json()['secret']}"}
        )
        answer = switch.post("/v1/check/call", json=CALL)
        assert answer.json() == {"id": "C1", "decision": "block", "action": "refuse", "confidential": False}
        assert switch.post("/v1/check/call", json=CALL).json() == answer.json()
        assert switch.post("/v1/check/call", json=CALL | {"establishment": "MDI"}).status_code == 403
        records = admin.get("/v1/ledger", params={"kind": "decision"}).json()
        assert [(one["actor"], one["outcome"], one["codes"]) for one in records] == [
            ("key:switch", "block", ["RESTRICTED_NUMBER"])
        ]
        assert admin.delete("/v1/keys/switch").status_code == 204
        assert switch.post("/v1/check/call", json=CALL | {"id": "C2"}).status_code == 401
        assert service.stop() == 0
    verified = command(service.data, "verify")
    assert (verified.returncode, verified.stdout.split(",")[1].strip()) == (0, "0 problems")
    exported = command(service.data, "export")
    assert json.loads(exported.stdout)["id"] == "R1"


def test_a_change_is_in_force_within_a_second_and_survives_a_kill(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        officer, switch = service.key(Role.CASE_OFFICER), service.key(Role.PHONE_SYSTEM)
        body = json.loads((tmp_path / "restrictions.jsonl").read_text())
        body |= {"id": "R2", "contacts": [{"kind": "phone", "value": "07700 900456"}]}
        call = {"prisoner": "X9999BC", "to": "07700 900456"}
        assert switch.post("/v1/check/call", json={"id": "before", **call}).json()["decision"] == "allow"
        assert officer.post("/v1/restrictions", json=body).status_code == 201
        time.sleep(1.0)
        assert switch.post("/v1/check/call", json={"id": "after", **call}).json()["decision"] == "block"
        service.started.kill()
    assert "R2" in command(service.data, "export").stdout
    assert command(service.data, "verify").returncode == 0


def test_what_is_not_set_up_says_so_in_one_line(tmp_path: Path, service: Service) -> None:
    without = command(tmp_path / "nothing", "serve")
    assert (without.returncode, without.stderr.count("\n")) == (2, 1)
    assert "nocontact init" in without.stderr
    twice = command(service.data, "init")
    assert twice.returncode == 2
    assert "already" in twice.stderr
    other = tmp_path / "other.key"
    other.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
    wrong = command(service.data, "export", settings={"NOCONTACT_KEY_FILE": str(other)})
    assert wrong.returncode == 2
    assert "not this database's" in wrong.stderr
    setting = command(tmp_path, "serve", settings={"NOCONTACT_RATE": "fast"})
    assert "NOCONTACT_RATE" in setting.stderr
    assert "Traceback" not in without.stderr + twice.stderr + wrong.stderr + setting.stderr


# ── bad input ───────────────────────────────────────────────────────────────────────────────────────────

SECRET = "s3cretvalue"  # noqa: S105 - of nobody
BAD: dict[str, tuple[bytes, str]] = {
    "nested": (b"[" * 100_000, "application/json"),
    "nested objects": (b'{"a":' * 100_000, "application/json"),
    "not utf-8": (b'{"id": "\xff\xfe"}', "application/json"),
    "surrogate": (b'{"id": "\\ud800", "name": "\\ud800"}', "application/json"),
    "nul": (
        b'{"id": "a\\u0000b", "name": "a\\u0000b", "note": "\\u0000", "why": "\\u0000"}',
        "application/json",
    ),
    "sql": (b'{"id": "\' OR 1=1; DROP TABLE ledger; --", "s3cretvalue": 1}', "application/json"),
    "template": (
        b'{"id": "{{7*7}}${7*7}<script>s3cretvalue</script>", "version": "{{7*7}}"}',
        "application/json",
    ),
    "wrong types": (
        b'{"id": 1e999, "version": "s3cretvalue", "prisoner": {}, "to": [], "contacts": 7}',
        "application/json",
    ),
    "huge number": (b'{"version": ' + b"9" * 5000 + b"}", "application/json"),
    "a list": (b'["s3cretvalue"]', "application/json"),
    "nothing": (b"", "application/json"),
    "a form": (b"id=s3cretvalue", "application/x-www-form-urlencoded"),
    "xml": (b"<id>s3cretvalue</id>", "application/xml"),
    "too long": (b'{"id": "' + b"x" * 2_000_000 + b'"}', "application/json"),
}


def operations(service: Service) -> list[tuple[str, str]]:
    document = service.key(Role.MONITOR).get("/openapi.json").json()
    return [(method.upper(), path) for path, each in document["paths"].items() for method in each]


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_on_every_endpoint_is_refused_and_harms_nothing(service: Service, kind: str) -> None:
    body, content_type = BAD[kind]
    everything = [role for role in Role if role is not Role.ADMIN]
    client = service.key(*everything)
    for method, path in operations(service):
        is_batch = path == "/v1/check/batch" and kind == "a list"  # has its errors inside
        if method == "GET" or path == "/v1/session" or is_batch:
            continue
        where = path.replace("{number}", "X1234BC").replace("{", "").replace("}", "")
        answer = client.request(method, where, content=body, headers={"content-type": content_type})
        no_body = answer.status_code == 403 and path.startswith(("/v1/accounts", "/v1/keys"))
        assert 400 <= answer.status_code < 500 or answer.status_code == 204, (method, path, answer.text)
        if answer.status_code != 204 and not no_body:
            assert answer.headers["content-type"] == "application/problem+json", (method, path)
        assert SECRET not in answer.text, (method, path)
    assert httpx.get(f"{service.url}/health/ready").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/restrictions/%00",
        "/v1/restrictions/" + "x" * 5000,
        "/v1/restrictions?limit=99999999999999999999",
        "/v1/restrictions?after=%00",
        "/v1/restrictions?prisoner=' OR 1=1",
        "/v1/ledger?before_seq=99999999999999999999",
        "/v1/ledger?since=yesterday",
        "/v1/ledger/0",
        "/v1/prisoners/%F0%9F%92%A9",
        "/v1/approvals?state=s3cretvalue",
    ],
)
def test_bad_addresses_are_refused(service: Service, path: str) -> None:
    client = service.key(Role.CASE_OFFICER, Role.AUDITOR)
    answer = client.get(path)
    assert answer.status_code in (404, 422), answer.text
    assert SECRET not in answer.text


def test_an_error_names_the_field_and_repeats_no_value(service: Service) -> None:
    officer = service.key(Role.CASE_OFFICER)
    body: dict[str, Any] = {
        "id": "R9",
        "prisoner": "X1234BC",
        "protected": {"name": "Rhoswen Tallantyre"},
        "contacts": [{"kind": "phone", "value": "07700 900123"}, {"kind": "phone", "value": SECRET}],
    }
    answer = officer.post("/v1/restrictions", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "contacts[1].value")
    assert SECRET not in answer.text
    answer = officer.post("/v1/restrictions", json=body | {"pathway": 4, "contacts": body["contacts"][:1]})
    assert (answer.status_code, answer.json()["field"]) == (422, "justification")


def test_unknown_addresses_and_methods_are_problems(service: Service) -> None:
    client = service.key(Role.AUDITOR)
    for method, path, status in (
        ("GET", "/v1/nothing", 404),
        ("PATCH", "/v1/ledger", 405),
        ("PUT", "/metrics", 405),
    ):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["request"] == answer.headers["x-request-id"]


# ── privacy ─────────────────────────────────────────────────────────────────────────────────────────────

DETAILS = (
    "Tallantyre", "Rhoswen", "Quillfeather", "Zebediah", "900123", "900 123", "900456", "900877", "Larkmead",
    "Ambermouth", "LS1 4AB", "LS14AB", "zq.quill", "moonlit password", "because of the trial",
)  # fmt: skip


def live(service: Service) -> list[str]:
    """A life of everything; gives every body that was not meant to show details."""
    officer = service.key(Role.CASE_OFFICER)
    switch, mailroom = service.key(Role.PHONE_SYSTEM), service.key(Role.MAILROOM)
    restriction = {
        "id": "R7",
        "prisoner": ["X1234BC", "X2345BC"],
        "protected": {"name": "Zebediah Quillfeather"},
        "contacts": [
            {"kind": "phone", "value": "07700 900456"},
            {"kind": "email", "value": "zq.quill@example.org"},
        ],
        "request": {"id": "1", "agency": "police", "requester": "Zebediah Quillfeather"},
        "notes": "because of the trial",
        "reason": "because of the trial",
    }
    said = [officer.post("/v1/restrictions", json=restriction)]
    said.append(
        officer.post(
            "/v1/restrictions",
            json=restriction | {"id": "R8", "contacts": [{"kind": "phone", "value": "Quillfeather"}]},
        )
    )
    said += [
        officer.post("/v1/restrictions/search", json=one)
        for one in ({"contact": "07700 900456"}, {"name": "Quillfeather"})
    ]
    said.append(officer.get("/v1/restrictions"))
    said.append(officer.get("/v1/restrictions/R7/history"))
    officer.post("/v1/restrictions/R7/reveal", json={"why": "because of the trial"}).raise_for_status()
    said += [
        switch.post("/v1/check/call", json={"id": "P1", "prisoner": "X1234BC", "to": "07700 900123"}),
        switch.post("/v1/check/call", json={"id": "P2", "prisoner": "X1234BC", "to": "07700 900877"}),
        switch.post(
            "/v1/check/message",
            json={
                "id": "P3",
                "prisoner": "X1234BC",
                "to": "07700 900877",
                "body": "moonlit password 07700 900456",
            },
        ),
        switch.post("/v1/check/call", json={"id": "P4", "prisoner": "Tallantyre", "to": "07700 900123"}),
        switch.post(
            "/v1/check/letter",
            json={"id": "P5", "to": "Rhoswen Tallantyre\n14 Larkmead Street\nAmbermouth LS1 4AB"},
        ),
        switch.post(
            "/v1/check/contact",
            json={"id": "P6", "prisoner": "X1234BC", "name": "Quillfeather", "numbers": ["07700 900456"]},
        ),
        switch.post("/v1/check/call", content=b'{"id": "Tallantyre 07700 900123", "Rhoswen": 1}'),
        httpx.post(f"{service.url}/v1/session", json={"name": "tallantyre", "password": "moonlit password"}),
        service.key(Role.MONITOR).get("/metrics"),
        httpx.get(f"{service.url}/health/ready"),
    ]
    mailroom.post(
        "/v1/check/letter",
        json={
            "id": "P7",
            "prisoner": "X1234BC",
            "to": "Rhoswen Tallantyre\n14 Larkmead Street\nAmbermouth LS1 4AB",
        },
    )
    return [answer.text for answer in said]


def leaks(texts: dict[str, bytes]) -> list[str]:
    return [
        f"{detail} in {where}"
        for where, text in texts.items()
        for detail in DETAILS
        if detail.encode().lower() in text.lower()
    ]


def test_nothing_that_it_writes_holds_a_persons_details(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        texts = {f"answer {place}": text.encode() for place, text in enumerate(live(service))}
        assert service.stop() == 0
        texts["the log"] = service.log.read_bytes()
        texts |= {str(path): path.read_bytes() for path in service.data.rglob("*") if path.is_file()}
    assert len(texts) > 20
    assert leaks(texts) == []


def test_nothing_in_postgresql_holds_a_persons_details(tmp_path: Path, postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.engine.connect() as connection:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            connection.exec_driver_sql(statement)
        connection.commit()
    with service_in(tmp_path, NOCONTACT_DATABASE_URL=postgres_url) as service:
        live(service)
        assert service.stop() == 0
        texts = {"the log": service.log.read_bytes()}
    with database.read() as connection:
        tables = connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).scalars()
        for table in list(tables):
            rows = (
                connection.execute(metadata.tables[table].select()).all() if table in metadata.tables else []
            )
            texts[table] = repr(rows).encode()
            texts[f"{table}, bytes"] = b"".join(
                bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview)
            )
    database.close()
    assert b"restriction/R7" in texts["ledger"]
    assert leaks(texts) == []


# ── when something is away ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.postgres
@pytest.mark.skipif("postgres" in SKIPPED, reason="NOCONTACT_SKIP=postgres")
def test_while_the_database_is_away_nothing_is_answered_and_then_all_is_well(tmp_path: Path) -> None:
    with postgres.server() as server, service_in(tmp_path, NOCONTACT_DATABASE_URL=server.url) as service:
        switch = service.key(Role.PHONE_SYSTEM)
        assert switch.post("/v1/check/call", json=CALL).status_code == 200
        server.stop()
        harmless = {"id": "away", "prisoner": "X1234BC", "to": "020 7946 0018"}
        for number in range(3):
            answer = switch.post("/v1/check/call", json=harmless | {"id": f"away-{number}"})
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        ready = httpx.get(f"{service.url}/health/ready", timeout=30)
        assert (ready.status_code, ready.json()["database"]["state"]) == (503, "unreachable")
        assert ready.json()["ledger"]["state"] == "failing"
        assert httpx.get(f"{service.url}/health").status_code == 200
        server.start()
        until = time.monotonic() + 60
        while (
            httpx.get(f"{service.url}/health/ready", timeout=30).status_code != 200
            and time.monotonic() < until
        ):
            time.sleep(0.2)
        answer = switch.post("/v1/check/call", json=harmless | {"id": "away-0"})
        assert (answer.status_code, answer.json()["decision"]) == (200, "allow")
        assert switch.post("/v1/check/call", json=CALL).json()["decision"] == "block"
        assert service.stop() == 0
        verified = command(service.data, "verify", settings=service.settings)
    assert (verified.returncode, "0 problems" in verified.stdout) == (0, True)


def test_a_second_sigterm_and_a_sigint_end_it_as_well(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        service.started.process.send_signal(signal.SIGINT)
        assert service.started.process.wait(30) == 0


def test_the_log_is_json_and_names_requests(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        httpx.get(f"{service.url}/v1/status")
        service.stop()
        lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert {"timestamp", "level", "event"} <= set(lines[0])
