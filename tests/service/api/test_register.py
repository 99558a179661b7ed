"""The confidential register over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.service.api.conftest import (
    ENTRY,
    confirm,
    told,
)


class TestTheRegister:
    def test_an_addition_waits_and_a_removal_does_not(self, officer: TestClient, second: TestClient) -> None:
        approval = told(officer.post("/v1/register", json={"entry": ENTRY, "verified": "by hand"}), 202)
        assert told(officer.get("/v1/register"))["items"] == []
        told(officer.get("/v1/register/E1"), 404)
        told(officer.post(f"/v1/approvals/{approval['id']}/confirm", json={}), 403)
        told(confirm(second, approval))
        assert [one["id"] for one in told(officer.get("/v1/register"))["items"]] == ["E1"]
        removed = told(officer.post("/v1/register/E1/remove", json={"version": 1, "reason": "gone"}))
        assert (removed["state"], removed["version"]) == ("withdrawn", 2)
        assert told(officer.get("/v1/register"))["items"] == []
        assert len(told(officer.get("/v1/register/E1/history"))["items"]) == 2

    def test_one_more_contact_point_waits_and_one_less_does_not(
        self, officer: TestClient, second: TestClient
    ) -> None:
        two = [*ENTRY["contacts"], {"kind": "phone", "value": "020 7946 0999"}]
        entry = ENTRY | {"contacts": two}
        approval = told(officer.post("/v1/register", json={"entry": entry, "verified": "by hand"}), 202)
        told(confirm(second, approval))
        body = {"version": 1, "entry": ENTRY, "verified": "by hand", "reason": "one is out of use"}
        assert told(officer.put("/v1/register/E1", json=body))["version"] == 2
        told(officer.put("/v1/register/E1", json=body), 409)
        told(officer.put("/v1/register/E1", json=body | {"version": 2, "entry": entry}), 202)
