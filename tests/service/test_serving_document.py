"""A real `nocontact serve` held against the document of its API."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx

from service.access.model import Role
from tests.service.running import command, service_in
from tests.service.test_serving import CALL


def conform(url: str, headers: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Schemathesis over the document: no 5xx, and every answer as it is described."""
    given = [f"--header={name}: {value}" for name, value in headers.items()]
    program = Path(sys.executable).with_name("schemathesis")
    return subprocess.run(
        [
            str(program),
            f"--config-file={Path(__file__).with_name('schemathesis.toml')}",
            *("--no-color", "run", f"{url}/openapi.json", "--seed=1", "--max-examples=8"),
            # Some fields make sense only together; a method that is not there gives 401 before 405; and an id
            # may be anything, so that paths below /v1/restrictions/ have the methods of an id as well.
            "--exclude-checks=positive_data_acceptance,unsupported_method,ignored_auth,allow_header_conformance",
            *(*given, *options),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 - it leaves a cache where it runs
    )


def test_every_answer_is_as_the_document_describes_it(tmp_path: Path) -> None:
    with service_in(tmp_path) as service:
        everything = service.key(*(role for role in Role if role is not Role.ADMIN))
        for path in ("/v1/check/call",):
            assert everything.post(path, json=CALL).status_code == 200
        authorization = {"Authorization": everything.headers["authorization"]}
        done = conform(service.url, authorization, "--exclude-path-regex=^/v1/(session|accounts|keys)")
        assert done.returncode == 0, done.stdout[-6000:]
        admin = service.admin()
        signed_in = {name: admin.headers[name] for name in ("cookie", "x-csrf-token")}
        done = conform(
            service.url,
            signed_in,
            "--include-path-regex=^/v1/(accounts|keys|status|policy|ledger|approvals)",
        )
        assert done.returncode == 0, done.stdout[-6000:]
        assert httpx.get(f"{service.url}/health/ready").status_code == 200
        assert service.stop() == 0
    assert command(service.data, "verify").returncode == 0
