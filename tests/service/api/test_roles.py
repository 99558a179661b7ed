"""Who may use what: every endpoint of the document beside every role. This table is written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.access.model import Role
from service.storage import sealing
from tests.service.api.calling import Service, serving
from tests.service.databases import MASTER, sqlite_in

PHONES, MAIL, REVIEWER, OFFICER, AUDITOR, ADMIN, MONITOR, NODE = Role
EVERYBODY = frozenset(Role)
NOBODY_TOO = "signed in or not"

CHECKERS = {PHONES, MAIL, REVIEWER, OFFICER}
READERS = {REVIEWER, OFFICER, AUDITOR}
SECONDS = {REVIEWER, OFFICER, ADMIN}
WATCHERS = EVERYBODY - {PHONES, NODE}

MAY: dict[str, Any] = {
    "GET /v1/session": EVERYBODY,
    "POST /v1/session": NOBODY_TOO,
    "DELETE /v1/session": EVERYBODY,
    "POST /v1/session/password": EVERYBODY,
    "GET /v1/session/oidc/start": NOBODY_TOO,
    "GET /v1/session/oidc/callback": NOBODY_TOO,
    "GET /v1/accounts": {ADMIN},
    "POST /v1/accounts": {ADMIN},
    "GET /v1/accounts/{name}": {ADMIN},
    "PATCH /v1/accounts/{name}": {ADMIN},
    "POST /v1/accounts/{name}/reset": {ADMIN},
    "GET /v1/keys": {ADMIN},
    "POST /v1/keys": {ADMIN},
    "DELETE /v1/keys/{key_id}": {ADMIN},
    "GET /v1/restrictions": READERS,
    "POST /v1/restrictions": {OFFICER},
    "POST /v1/restrictions/search": READERS,
    "GET /v1/restrictions/in-force": READERS,
    "GET /v1/restrictions/{restriction_id}": READERS,
    "PUT /v1/restrictions/{restriction_id}": {OFFICER},
    "GET /v1/restrictions/{restriction_id}/history": READERS,
    "POST /v1/restrictions/{restriction_id}/reveal": {REVIEWER, OFFICER},
    "POST /v1/restrictions/{restriction_id}/requests": {OFFICER},
    "POST /v1/restrictions/{restriction_id}/requests/withdraw": {OFFICER},
    "POST /v1/mail/trays": {MAIL, OFFICER},
    "GET /v1/mail/trays/{tray}": {MAIL, OFFICER},
    "GET /v1/mail/trays/{tray}/items": {MAIL, OFFICER},
    "POST /v1/mail/trays/{tray}/close": {MAIL, OFFICER},
    "POST /v1/mail/trays/{tray}/items": {MAIL, OFFICER},
    "GET /v1/register": {REVIEWER, OFFICER},
    "POST /v1/register": {OFFICER},
    "GET /v1/register/{entry_id}": {REVIEWER, OFFICER},
    "PUT /v1/register/{entry_id}": {OFFICER},
    "GET /v1/register/{entry_id}/history": {REVIEWER, OFFICER},
    "POST /v1/register/{entry_id}/remove": {OFFICER},
    "GET /v1/prisoners/{number}": READERS,
    "PUT /v1/prisoners/{number}": {OFFICER},
    "GET /v1/prisoners/{number}/history": READERS,
    "POST /v1/prisoners/{number}/merge": {OFFICER},
    "GET /v1/approvals": SECONDS,
    "GET /v1/approvals/{approval_id}": SECONDS,
    "POST /v1/approvals/{approval_id}/confirm": SECONDS,
    "POST /v1/approvals/{approval_id}/refuse": SECONDS,
    "POST /v1/approvals/{approval_id}/reveal": SECONDS,
    "GET /v1/reviews/{channel}": {PHONES, REVIEWER, OFFICER},
    "GET /v1/reviews/{channel}/{attempt_id}": {PHONES, REVIEWER, OFFICER},
    "POST /v1/events/call": {PHONES, REVIEWER, OFFICER},
    "GET /v1/phone-lists": READERS,
    "GET /v1/ledger": {AUDITOR, ADMIN},
    "GET /v1/ledger/{seq}": {AUDITOR, ADMIN},
    "GET /v1/nodes/keys": {NODE},
    "POST /v1/nodes/records": {NODE},
    "POST /v1/nodes/pictures": {NODE},
    "GET /v1/nodes/settled": {NODE},
    "GET /v1/status": WATCHERS,
    "GET /v1/policy": WATCHERS,
    "POST /v1/check/call": {PHONES, REVIEWER, OFFICER},
    "POST /v1/check/message": CHECKERS,
    "POST /v1/check/letter": {MAIL, REVIEWER, OFFICER},
    "POST /v1/check/contact": {PHONES, REVIEWER, OFFICER},
    "POST /v1/check/batch": {OFFICER},
}
"""Roles that may, by method and path of the document."""

FILLED = {
    "{name}": "jsmith",
    "{key_id}": "no-such-key",
    "{restriction_id}": "R404",
    "{entry_id}": "E404",
    "{number}": "A0404AA",
    "{approval_id}": "0" * 16,
    "{seq}": "999999",
    "{channel}": "call",
    "{attempt_id}": "C404",
}
KEPT_OUT = (401, 403)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the whole table: nothing in it is changed."""
    folder = tmp_path_factory.mktemp("roles")
    database = sqlite_in(folder)
    with serving(database, sealing.open_vault(database, MASTER), folder) as opened:
        yield opened
    database.close()


def ask(client: TestClient, endpoint: str) -> int:
    """The status of a request with an empty object, or nothing, for a body: no endpoint does anything."""
    method, _, path = endpoint.partition(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    body: dict[str, str] | None = {} if method in ("POST", "PUT", "PATCH") else None
    status: int = client.request(method, path, json=body).status_code
    return status


def test_the_table_has_every_endpoint_of_the_document_and_no_other(service: Service) -> None:
    paths = service.machine(MONITOR).get("/openapi.json").json()["paths"]
    documented = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert documented == set(MAY)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("endpoint", MAY)
def test_a_person_of_this_role_gets_in_where_the_table_says(
    service: Service, endpoint: str, role: Role
) -> None:
    status = ask(service.person("somebody", role), endpoint)
    if MAY[endpoint] == NOBODY_TOO or role in MAY[endpoint]:
        assert status not in KEPT_OUT
    else:
        assert status == 403


@pytest.mark.parametrize("role", [role for role in Role if role is not ADMIN])
@pytest.mark.parametrize("endpoint", [one for one in MAY if "/session" not in one])
def test_a_machine_of_this_role_gets_in_where_a_person_does(
    service: Service, endpoint: str, role: Role
) -> None:
    status = ask(service.machine(role), endpoint)
    assert (status == 403) == (role not in MAY[endpoint])
    assert status != 401


@pytest.mark.parametrize("endpoint", MAY)
def test_who_is_not_signed_in_gets_nowhere_but_to_signing_in(service: Service, endpoint: str) -> None:
    status = ask(service.nobody(), endpoint)
    assert (status == 401) == (MAY[endpoint] != NOBODY_TOO)
    assert status != 403


@pytest.mark.parametrize("endpoint", [one for one in MAY if not one.startswith("GET")])
def test_a_session_without_its_token_changes_nothing(service: Service, endpoint: str) -> None:
    client = service.person("somebody", *Role)
    del client.headers["x-csrf-token"]
    status = ask(client, endpoint)
    assert (status == 403) == (MAY[endpoint] != NOBODY_TOO)


def test_a_refusal_stands_in_the_ledger(service: Service) -> None:
    ask(service.person("curious", AUDITOR), "POST /v1/restrictions/{restriction_id}/reveal")
    assert service.records(actor="oidc:curious", kind="refused")
