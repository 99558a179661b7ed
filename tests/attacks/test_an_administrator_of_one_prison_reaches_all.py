"""An administrator of one prison makes accounts, keys or a policy for all of them, or takes others' away."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from service.access.model import Role
from tests.attacks.learning import person
from tests.service.running import service_in

POLICY = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")


def test_nothing_beyond_ones_own_prisons_is_given_changed_or_taken(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        mallory = person(service, "mallory", Role.ADMIN, "LEI")
        person(service, "victor", Role.REVIEWER)
        person(service, "lena", Role.REVIEWER, "LEI")
        body = {"shown": "Somebody", "roles": ["reviewer"]}
        for number, prisons in enumerate(([], ["MDI"], ["LEI", "MDI"])):
            made = mallory.post("/v1/accounts", json={**body, "name": f"new{number}", "prisons": prisons})
            assert made.status_code == 403
            key = {"id": f"key{number}", "roles": ["mailroom"], "prisons": prisons}
            assert mallory.post("/v1/keys", json=key).status_code == 403
            assert mallory.patch("/v1/accounts/lena", json={"prisons": prisons}).status_code == 403
        for change in ({"prisons": ["LEI"]}, {"state": "disabled"}, {"roles": ["admin"]}):
            assert mallory.patch("/v1/accounts/victor", json=change).status_code == 403
        assert mallory.post("/v1/accounts/victor/reset", json={}).status_code == 403
        form = {"csrf": mallory.headers["x-csrf-token"], "policy": POLICY, "mode": "live", "reason": "mine"}
        assert mallory.post("/learning/ask", data=form).status_code == 403
        here = mallory.post("/v1/accounts", json={**body, "name": "here", "prisons": ["LEI"]})
        assert here.status_code == 201
        assert mallory.patch("/v1/accounts/lena", json={"state": "disabled"}).status_code == 200
        key = {"id": "here", "roles": ["mailroom"], "prisons": ["LEI"]}
        assert mallory.post("/v1/keys", json=key).status_code == 201
        service.key(Role.PHONE_SYSTEM)
        for one in service.made_by.get("/v1/keys").json():  # type: ignore[attr-defined]
            revoked = mallory.delete(f"/v1/keys/{one['id']}").status_code
            assert (revoked == 403) == (one["prisons"] != ["LEI"]), one
