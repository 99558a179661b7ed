"""Prisoners over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.service.api.conftest import (
    PRISONER,
    create,
    told,
)


class TestPrisoners:
    def test_a_move_is_one_more_version(self, officer: TestClient) -> None:
        for prison in ("LEI", "MDI", None):
            told(officer.put(f"/v1/prisoners/{PRISONER}", json={"establishment": prison}))
        history = told(officer.get(f"/v1/prisoners/{PRISONER}/history"))
        assert [one["establishment"] for one in history] == [None, "MDI", "LEI"]

    def test_what_names_a_merged_number_is_listed_for_the_one_that_stands(self, officer: TestClient) -> None:
        create(officer)
        merged = told(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": "A5555AA"}))
        assert sorted(merged["numbers"]) == [PRISONER, "A5555AA"]
        listed = told(officer.get("/v1/restrictions", params={"prisoner": "A5555AA"}))
        assert [one["id"] for one in listed["items"]] == ["R1"]
        told(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": "A6666AA"}), 409)

    def test_a_number_cannot_be_merged_into_itself(self, officer: TestClient) -> None:
        told(officer.post(f"/v1/prisoners/{PRISONER}/merge", json={"into": PRISONER}), 409)

    def test_one_whom_nobody_knows_is_not_found(self, officer: TestClient) -> None:
        told(officer.get("/v1/prisoners/A0000AA"), 404)
