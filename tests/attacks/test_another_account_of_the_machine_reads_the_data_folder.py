"""Another account of the same machine reads what the service keeps, where the machine's custom lets it."""

from __future__ import annotations

import os
from pathlib import Path

from service.access.model import Role
from tests.attacks.learning import LEEDS, two_prisons
from tests.service.running import command


def open_to_others(folder: Path) -> list[str]:
    found = [folder, *folder.rglob("*")]
    return [str(one) for one in found if not one.is_symlink() and one.stat().st_mode & 0o077]


def test_everything_in_it_is_its_owner_s(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with two_prisons(tmp_path) as service:
            key = service.key(Role.PHONE_SYSTEM)
            body = {"id": "C1", "prisoner": LEEDS.prisoner, "to": LEEDS.number}
            assert key.post("/v1/check/call", json=body).status_code == 200
            assert len(list(service.data.iterdir())) > 3
            assert open_to_others(service.data) == []
            assert service.stop() == 0
        (service.data / "nocontact.db").chmod(0o644)
        service.data.chmod(0o755)
        assert command(service.data, "verify").returncode == 0
        assert open_to_others(service.data) == []
    finally:
        os.umask(before)
