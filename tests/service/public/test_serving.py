"""The real process: what it has loaded, what it has in its memory, and what comes of a request."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from service.public.serving import public_key
from tests.service.public.running import Form, command, form_in

HELD = (
    "engine",
    "matchers",
    "adapters",
    "sqlalchemy",
    "psycopg",
    "fastapi",
    "onnxruntime",
    "rapidocr",
    "numpy",
)
ROOMS = ("blocklist", "cases", "check", "ledger", "mail", "phone_lists", "registry", "review", "storage")


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    with form_in(tmp_path_factory.mktemp("form")) as running:
        yield running


def test_the_command_loads_nothing_of_what_is_held_and_no_database() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import json, sys, service.cli.asking; print(json.dumps(list(sys.modules)))"],
        capture_output=True,
        check=True,
    )
    loaded = set(json.loads(said.stdout))
    assert "service.public.serving" in loaded
    assert not loaded & {*HELD, "service.system", "service.settings", *(f"service.{room}" for room in ROOMS)}


def test_memory_environment_and_open_files_hold_no_key_that_opens_a_request(form: Form) -> None:
    httpx.get(f"{form.url}/form").raise_for_status()
    process = form.started.process.pid
    public = form.private.public_key().public_bytes_raw()
    private = form.private.private_bytes_raw()
    kept = memory(process)
    assert any(public in part or base64.b64encode(public) in part for part in kept), (
        "it is looked for rightly"
    )
    for written in (private, base64.b64encode(private), private.hex().encode()):
        assert not any(written in part for part in kept)
    environment = Path(f"/proc/{process}/environ").read_bytes()
    assert b"NOCONTACT_KEY" not in environment
    opened = {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
    assert not [name for name in opened if name.endswith((".db", ".key", "key"))]


def memory(process: int) -> list[bytes]:
    """What a process has in its memory, where it may write."""
    found = []
    with open(f"/proc/{process}/mem", "rb", 0) as file:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(one, 16) for one in place.split("-"))
                try:
                    file.seek(start)
                    found.append(file.read(end - start))
                except OSError:  # what the kernel keeps for itself
                    continue
    return found


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        ((), {}, "INTAKE is not set"),
        (("--intake", "in", "--key", "none"), {}, "No such file"),
        (("--intake", "in", "--key", "bad"), {}, "no public key"),
        (("--intake", "in", "--key", "key"), {"NOCONTACT_KEY": "x"}, "secret of the service"),
    ],
)
def test_it_says_in_a_line_why_it_does_not_start(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    (tmp_path / "bad").write_text("no key")
    (tmp_path / "key").write_bytes(
        base64.b64encode(X25519PrivateKey.generate().public_key().public_bytes_raw())
    )
    done = command(tmp_path, *arguments, **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_key_file_holds_32_bytes_in_base64(tmp_path: Path) -> None:
    file = tmp_path / "key"
    key = X25519PrivateKey.generate().public_key().public_bytes_raw()
    file.write_bytes(base64.b64encode(key) + b"\n")
    assert public_key(file) == key
    for wrong in (key, base64.b64encode(key[:31]), b"", b"*" * 44, base64.b64encode(bytes(32))):
        file.write_bytes(wrong)
        with pytest.raises(ValueError, match="no public key"):
            public_key(file)
