"""Somebody who reaches the port, without a key, reads what the service does and how it is spoken to."""

from __future__ import annotations

from pathlib import Path

import httpx

from service.access.model import Role
from tests.service.running import service_in

PAGES = ("/metrics", "/docs", "/openapi.json")


def test_they_take_a_key_or_a_setting(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    with service_in(tmp_path / "closed") as service:
        for path in PAGES:
            answer = httpx.get(f"{service.url}{path}")
            assert answer.status_code in (401, 303), path
            assert "nocontact_" not in answer.text
            assert "/v1/check" not in answer.text
        switch, monitor = service.key(Role.PHONE_SYSTEM), service.key(Role.MONITOR)
        assert [switch.get(path).status_code for path in PAGES] == [403, 200, 200]
        assert [monitor.get(path).status_code for path in PAGES] == [200, 200, 200]
        assert monitor.get("/v1/restrictions").status_code == 403
        assert httpx.get(f"{service.url}/health").status_code == 200
        signing_in = httpx.get(f"{service.url}/sign-in").headers
        assert signing_in["strict-transport-security"] == "max-age=31536000"
        assert "microphone=()" in signing_in["permissions-policy"]
    (tmp_path / "open").mkdir()
    settings = {"NOCONTACT_OPEN_PAGES": "true", "NOCONTACT_SECURE_COOKIES": "false"}
    with service_in(tmp_path / "open", **settings) as service:
        assert [httpx.get(f"{service.url}{path}").status_code for path in PAGES] == [200, 200, 200]
        assert "strict-transport-security" not in httpx.get(f"{service.url}/sign-in").headers
