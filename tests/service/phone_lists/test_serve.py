"""A whole service beside a phone system, both processes: a new restriction is followed without being told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from benchmarks.phone.phone_system import SECRET, entry, standing
from service.access.model import Role
from tests.service.running import command, service_in

NUMBER = "07700 900555"
PATIENCE = 30


def test_a_new_restriction_is_applied_at_once_and_confirmed_when_the_list_is_clean(tmp_path: Path) -> None:
    (tmp_path / "phones").mkdir()
    (tmp_path / "service").mkdir()
    lists = {"X5678CD": [entry(NUMBER, "A friend")], "X1234BC": []}
    with standing(tmp_path / "phones", lists) as phones:
        settings = {
            "NOCONTACT_PHONE_SYSTEM_URL": phones.url,
            "NOCONTACT_PHONE_SYSTEM_CLIENT_SECRET": SECRET,
        }
        with (
            service_in(tmp_path / "service", **settings) as service,
            service.key(Role.CASE_OFFICER) as officer,
        ):
            assert officer.put("/v1/prisoners/X5678CD", json={"establishment": "LEI"}).status_code == 200
            new = {
                "id": "R2",
                "prisoner": "X1234BC",
                "protected": {"name": "Rhoswen Tallantyre"},
                "contacts": [{"kind": "phone", "value": NUMBER}],
            }
            assert officer.post("/v1/restrictions", json=new).status_code in (200, 201)
            wait_for(officer, lambda rows: rows.get("LEI", {}).get("drift") == {"restricted": 1})
            metrics = service.key(Role.MONITOR).get("/metrics").text
            assert 'nocontact_phone_drift{establishment="LEI",kind="restricted"} 1.0' in metrics

            said = command(service.data, "reconcile", "X5678CD", settings=settings)
            (line,) = map(json.loads, said.stdout.splitlines())
            assert (line["prisoner"], line["kind"], line["restrictions"]) == ("X5678CD", "restricted", ["R2"])
            assert "900555" not in said.stdout + said.stderr

            phones.put({"X1234BC": [], "X5678CD": []})
            assert command(service.data, "reconcile", settings=settings).stdout == ""
            wait_for(officer, lambda rows: rows.get("LEI", {}).get("drift") == {})
            log = service.log.read_text()
        for secret in ("900555", "Rhoswen", SECRET, "A friend"):
            assert secret not in log


def test_a_command_without_a_phone_system_says_what_is_missing(tmp_path: Path) -> None:
    assert command(tmp_path / "data", "init").returncode == 0
    said = command(tmp_path / "data", "reconcile")
    assert said.returncode != 0
    assert "NOCONTACT_PHONE_SYSTEM_URL" in said.stderr


def wait_for(client: httpx.Client, wanted: Callable[[dict[str, Any]], bool]) -> None:
    end = time.monotonic() + PATIENCE
    rows: dict[str, Any] = {}
    while time.monotonic() < end:
        rows = {one["establishment"]: one for one in client.get("/v1/phone-lists").json()}
        if wanted(rows):
            return
        time.sleep(0.1)
    raise AssertionError(rows)
