"""Somebody with each role's credentials sends what the document describes, near what is protected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.load.serving import AS_FAST_AS_IT_GOES
from service.access.model import RIGHTS, Right, Role
from tests.attacks.learning import BOTH, LEEDS, MOORLAND, told, two_prisons
from tests.service.running import Service

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "4")
"""Of each operation; many more by hand."""
LEFT_OUT = "^/v1/session"
"""It would sign out who asks."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Both prisons, with an approval and attempts in each."""
    with two_prisons(tmp_path_factory.mktemp("odd"), **AS_FAST_AS_IT_GOES) as opened:
        officer = opened.key(Role.CASE_OFFICER)
        for one in BOTH:
            asked = {"version": 1, "request": "1", "reason": "she asked"}
            officer.post(f"/v1/restrictions/{one.id}/requests/withdraw", json=asked).raise_for_status()
            body = {"id": one.id, "to": "27 Quernmor Terr\nDN7 6BW", "prisoner": one.prisoner}
            officer.post("/v1/check/letter", json=body).raise_for_status()
        yield opened


def answers(service: Service, client: httpx.Client, folder: Path) -> list[dict[str, Any]]:
    """Every answer to a run with these credentials."""
    kept = folder / "answers.jsonl"
    approvals = service.key(Role.CASE_OFFICER).get("/v1/approvals", params={"state": "pending"}).json()
    given = [
        f"--header={name}: {client.headers[name]}"
        for name in ("authorization", "cookie", "x-csrf-token")
        if name in client.headers
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.attacks.asking_near",
        "NEAR_ANSWERS": str(kept),
        "NEAR_APPROVALS": ",".join(one["id"] for one in approvals) or "0" * 16,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--no-color", "run", f"{service.url}/openapi.json", "--seed=1", f"--max-examples={EXAMPLES}"),
            *("--phases=fuzzing", "--checks=not_a_server_error", f"--exclude-path-regex={LEFT_OUT}"),
            *("--generation-database=none", *given),
        ],
        env=environment, capture_output=True, text=True, timeout=300, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return [json.loads(line) for line in kept.read_text().splitlines()]


def credentials(service: Service, role: Role) -> httpx.Client:
    if role is Role.ADMIN:
        return service.admin()
    return service.key(role, prisons=("LEI",))


@pytest.mark.parametrize("role", Role)
def test_no_answer_holds_what_its_role_may_not_see(service: Service, role: Role, tmp_path: Path) -> None:
    found = answers(service, credentials(service, role), tmp_path)
    assert len({one["path"] for one in found}) > 35
    least = 0 if role is Role.NODE else 5  # a key that belongs to no node gets nothing at all
    assert sum(one["status"] == 200 for one in found) >= least
    own = {LEEDS.id} if Right.SEE_RESTRICTIONS in RIGHTS[role] else set()
    if role is Role.ADMIN:
        own = {one.id for one in BOTH}  # of every prison, with the ledger, which names them
    for one in found:
        asked_with = {secret for planted in BOTH for secret in told(one["asked"], planted)}
        assert told(one["answer"], MOORLAND) - asked_with <= own, one["path"]
        is_look = one["path"].endswith("/reveal") and Right.REVEAL in RIGHTS[role]
        if not is_look:
            assert told(one["answer"], LEEDS) - asked_with <= own, one["path"]
    if Right.REVEAL in RIGHTS[role]:
        looks = [one["answer"] for one in found if one["path"].endswith("/reveal") and one["status"] == 200]
        assert looks
        assert all("Larkmead" in one for one in looks if f'"{LEEDS.id}"' in one)
