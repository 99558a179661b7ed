"""An administrator makes one account with every role, or adds to one until it has them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from service.access.model import Role
from tests.service.running import service_in


def test_no_account_gets_roles_that_may_not_meet(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        admin = service.admin()
        every = [role.value for role in Role]
        body = {"name": "mallory", "shown": "Mallory", "roles": every, "prisons": []}
        answer = admin.post("/v1/accounts", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "roles")
        assert "nobody is both" in answer.json()["detail"]
        assert admin.get("/v1/accounts/mallory").status_code == 404
        assert admin.post("/v1/accounts", json=body | {"roles": ["reviewer"]}).status_code == 201
        grown = [["reviewer"], ["reviewer", "case_officer"], ["reviewer", "case_officer", "auditor"]]
        for before, after in pairwise(grown):
            answer = admin.patch("/v1/accounts/mallory", json={"roles": after})
            expected = after if "auditor" not in after else before
            assert answer.status_code == (200 if expected == after else 422)
            assert admin.get("/v1/accounts/mallory").json()["roles"] == sorted(expected)
        assert admin.patch("/v1/accounts/mallory", json={"roles": ["admin"]}).status_code == 200
        assert admin.patch("/v1/accounts/mallory", json={"roles": every}).status_code == 422
