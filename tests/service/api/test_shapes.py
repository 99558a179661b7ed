"""Bodies and parameters that cannot be used: refused by the name of the field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.service.api.conftest import (
    BROTHER,
    CREATION,
    ENTRY,
    PRISONER,
    REQUEST,
    RESTRICTION,
    create,
    told,
)

WRONG = ["\0", "a\x07b", "\ud800", "", "   ", 7, None, ["x"], "x" * 5_000]
"""No text of one line that says anything."""


def bad_restrictions() -> Iterator[tuple[str, Any]]:
    """Fields and restrictions whose field is wrong."""
    for value in WRONG:
        yield "id", RESTRICTION | {"id": value}
        yield "protected.name", RESTRICTION | {"protected": {"name": value}}
        yield (
            "protected.aliases[0]",
            RESTRICTION | {"protected": {"name": "Sarah", "aliases": [value]}},
        )
        yield "contacts[0].value", RESTRICTION | {"contacts": [{"kind": "phone", "value": value}]}
    for value in ("a1234bc", "", "\0", 7, {}):
        yield "prisoner", RESTRICTION | {"prisoner": value}
    yield "prisoner", RESTRICTION | {"prisoner": []}
    yield "prisoner[1]", RESTRICTION | {"prisoner": [PRISONER, "B12"]}
    yield "establishment", RESTRICTION | {"establishment": "Leeds"}
    yield "establishment[0]", RESTRICTION | {"establishment": ["Leeds"]}
    yield "contacts", RESTRICTION | {"contacts": []}
    yield "contacts", RESTRICTION | {"contacts": RESTRICTION["contacts"] * 64}
    yield "contacts[0].value", RESTRICTION | {"contacts": [{"kind": "phone", "value": "no digits"}]}
    yield "contacts[1].kind", RESTRICTION | {"contacts": [RESTRICTION["contacts"][0], {"kind": "fax"}]}
    yield "exceptions[0].contact", RESTRICTION | {"exceptions": [{"prisoner": BROTHER, "contact": "\0"}]}
    yield "scope", RESTRICTION | {"scope": "country"}
    for value in (0, 5, "1", True, 1.5):
        yield "pathway", RESTRICTION | {"pathway": value}
    for value in ("yesterday", "2026-02-30", "\0", 20260101):
        yield "from", RESTRICTION | {"from": value}
    yield "until", RESTRICTION | {"until": "2025-01-01"}
    deep: Any = {}
    for _ in range(50):
        deep = {"a": deep}
    for value in (7, ["x"], deep, {"a": "\ud800"}, {"\0": 1}, {"a": 10**400}, "x" * 5_000):
        yield "court_order", RESTRICTION | {"court_order": value}
    yield "unheard_of", RESTRICTION | {"unheard_of": 1}
    for value in ("in-force", "a/history", "a/../b", "/", " a"):
        yield "id", RESTRICTION | {"id": value}


def send(client: TestClient, method: str, path: str, body: Any) -> Response:
    """A request whose body may hold what no text may."""
    answer: Response = client.request(
        method, path, content=json.dumps(body), headers={"content-type": "application/json"}
    )
    return answer


class TestBadInput:
    def test_a_new_restriction_with_a_bad_field_is_refused_by_the_fields_name(
        self, officer: TestClient
    ) -> None:
        more = {"justification": "j", "review": "2026-07-01"}
        for field, restriction in bad_restrictions():
            answer = told(send(officer, "POST", "/v1/restrictions", restriction | more), 422)
            assert (answer.get("field"), restriction) == (field, restriction)
        assert told(officer.get("/v1/restrictions"))["items"] == []

    def test_so_is_a_change(self, officer: TestClient) -> None:
        create(officer)
        for field, restriction in bad_restrictions():
            body = {"version": 1, "reason": "r", "restriction": restriction}
            answer = told(send(officer, "PUT", "/v1/restrictions/R1", body), 422)
            assert (answer.get("field"), restriction) == (f"restriction.{field}", restriction)
        body = {"version": 1, "reason": "r", "restriction": RESTRICTION | {"id": "R2"}}
        assert told(send(officer, "PUT", "/v1/restrictions/R1", body), 422)["field"] == "restriction.id"
        assert told(officer.get("/v1/restrictions/R1"))["version"] == 1

    @pytest.mark.parametrize("missing", ["justification", "review"])
    def test_pathway_four_needs_its_reasons(self, officer: TestClient, missing: str) -> None:
        body = {name: value for name, value in CREATION.items() if name != missing}
        assert told(officer.post("/v1/restrictions", json=body), 422)["field"] == missing

    @pytest.mark.parametrize(
        ("method", "path", "good", "fields"),
        [
            ("POST", "/v1/restrictions", CREATION, ["notes", "request.id", "request.agency", "review"]),
            ("POST", "/v1/restrictions", CREATION, ["request.received", "justification", "reason"]),
            ("POST", "/v1/restrictions/search", {}, ["contact", "name"]),
            ("POST", "/v1/restrictions/R1/reveal", {"why": "w"}, ["why", "version"]),
            ("PUT", "/v1/restrictions/R1", {"version": 1, "reason": "r"}, ["version", "reason", "notes"]),
            (
                "POST",
                "/v1/restrictions/R1/requests",
                {"version": 1, "reason": "r", "request": REQUEST},
                ["version", "reason", "request.id", "request.requester", "request.reference"],
            ),
            (
                "POST",
                "/v1/restrictions/R1/requests/withdraw",
                {"version": 1, "reason": "r", "request": "Q1"},
                ["version", "reason", "request"],
            ),
            (
                "POST",
                "/v1/register",
                {"entry": ENTRY, "verified": "by hand"},
                ["entry.id", "entry.name", "entry.kind", "verified", "reason"],
            ),
            (
                "PUT",
                "/v1/register/E1",
                {"version": 1, "entry": ENTRY, "verified": "by hand", "reason": "r"},
                ["version", "entry.id", "entry.name", "verified", "reason"],
            ),
            ("POST", "/v1/register/E1/remove", {"version": 1, "reason": "r"}, ["version", "reason"]),
            ("PUT", "/v1/prisoners/A1234BC", {"establishment": "LEI"}, ["establishment"]),
            ("POST", "/v1/prisoners/A1234BC/merge", {"into": "A5555AA"}, ["into"]),
            ("POST", f"/v1/approvals/{'0' * 16}/confirm", {"note": ""}, ["note"]),
            ("POST", f"/v1/approvals/{'0' * 16}/refuse", {"note": ""}, ["note"]),
            ("POST", f"/v1/approvals/{'0' * 16}/reveal", {"why": "w"}, ["why"]),
        ],
    )
    def test_every_other_body_is_refused_by_the_fields_name(
        self, officer: TestClient, method: str, path: str, good: dict[str, Any], fields: list[str]
    ) -> None:
        for field in [*fields, "unheard_of"]:
            for value in ("\0", "a\x07b", "\ud800", 7.5, ["x"], "x" * 20_000, 10**400):
                body = json.loads(json.dumps(good))
                place = body
                *outer, last = field.split(".")
                for name in outer:
                    place = place[name]
                place[last] = value
                answer = told(send(officer, method, path, body), 422)
                assert (answer.get("field"), str(value)[:20]) == (field, str(value)[:20])

    def test_an_entry_of_no_use_is_refused_by_the_fields_name(self, officer: TestClient) -> None:
        entry = ENTRY | {"contacts": [{"kind": "phone", "value": "no digits"}]}
        answer = told(officer.post("/v1/register", json={"entry": entry, "verified": "by hand"}), 422)
        assert answer["field"] == "entry.contacts[0].value"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/restrictions?prisoner=x",
            "/v1/restrictions?state=gone",
            "/v1/restrictions?after=%00",
            f"/v1/restrictions?limit={10**30}",
            "/v1/restrictions?limit=0",
            "/v1/restrictions/in-force",
            "/v1/restrictions/in-force?at=yesterday",
            "/v1/restrictions/in-force?at=2026-01-01T00:00:00",
            "/v1/restrictions/in-force?at=0001-01-01T00:00:00%2B14:00",
            "/v1/restrictions/R1?at=9999-12-31T23:59:59-14:00",
            "/v1/restrictions/%00",
            f"/v1/restrictions/{'x' * 300}",
            "/v1/restrictions/%00/history",
            "/v1/register?after=%00",
            "/v1/register/%00",
            "/v1/prisoners/x",
            "/v1/prisoners/%00/history",
            "/v1/approvals?state=lost",
            "/v1/approvals/x",
        ],
    )
    def test_a_bad_address_is_refused(self, officer: TestClient, path: str) -> None:
        answer = officer.get(path)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/restrictions/R404",
            "/v1/restrictions/R404/history",
            "/v1/register/E404",
            "/v1/register/E404/history",
            f"/v1/approvals/{'0' * 16}",
        ],
    )
    def test_what_is_not_there_is_not_found(self, officer: TestClient, path: str) -> None:
        told(officer.get(path), 404)

    def test_no_answer_repeats_what_was_sent(self, officer: TestClient) -> None:
        marker = "Zebedee"
        for restriction in (
            RESTRICTION | {"pathway": marker},
            RESTRICTION | {"prisoner": marker},
            RESTRICTION | {"contacts": [{"kind": "phone", "value": marker}]},
            RESTRICTION | {"contacts": [{"kind": marker, "value": marker}]},
        ):
            assert marker not in officer.post("/v1/restrictions", json=restriction).text
