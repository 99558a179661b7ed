"""Somebody who can write the folders of checkpoints, and has not the ledger's key, forges or spoils them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT
from service.access.model import Role
from service.ledger.checkpoints import FILE
from tests.attacks.attacking import HARMLESS, RESTRICTED, check, lines_about
from tests.service.running import Service, command, service_in, wait_for_list


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Stopped, with a second folder."""
    folder = tmp_path_factory.mktemp("service")
    with service_in(folder, NOCONTACT_CHECKPOINT_FOLDER=str(folder / "elsewhere")) as running:
        assert running.stop() == 0
        yield running


def noted(file: Path) -> str:
    """The last note in a file."""
    note: str = json.loads(file.read_text().splitlines()[-1])["note"]
    return note


def larger(note: str) -> str:
    """With a size that no ledger has reached."""
    origin, size, rest = note.split("\n", 2)
    return f"{origin}\n{int(size) + 1_000_000}\n{rest}"


def of_before(note: str) -> str:
    """The same claim in the older form."""
    size = int(note.split("\n")[1]) + 1_000_000
    return json.dumps(
        {"seq": size, "hash": "00" * 32, "at": "2999-01-01T00:00:00.000000Z", "signature": "00" * 64}
    )


FORGED: dict[str, Callable[[str], str]] = {
    "a larger size": lambda note: json.dumps({"note": larger(note)}),
    "a larger size in the older form": of_before,
    "another root": lambda note: json.dumps({"note": note.replace(note.split("\n")[2], "A" * 43 + "=")}),
    "no signature": lambda note: json.dumps({"note": larger(note).rpartition("\n\n")[0] + "\n\n"}),
    "nested for ever": lambda note: '{"seq":' + "[" * 1_900,
    "no JSON": lambda note: "\x00\xff" * 3_000,
    "a number beyond any": lambda note: json.dumps({"note": note.replace("\n", f"\n{'9' * 400}", 1)}),
}


@pytest.mark.parametrize("where", ["data", "elsewhere"])
def test_what_is_not_signed_neither_stops_a_start_nor_goes_untold(service: Service, where: str) -> None:
    file = service.data.parent / where / FILE
    held = file.read_bytes()
    note = noted(file)
    with file.open("a") as stream:
        stream.writelines(f"{forge(note)}\n" for forge in FORGED.values())
    service.log.write_text("")
    settings = serving.environment(service.data) | service.settings
    service.started = serving.start([*NOCONTACT, "serve"], settings, service.log)
    wait_for_list(service)
    switch = service.key(Role.PHONE_SYSTEM)
    assert [check(switch, f"{where} {to}", to)[1] for to in (RESTRICTED, HARMLESS)] == ["block", "allow"]
    assert service.stop() == 0
    assert lines_about(service, "checkpoints_not_signed") or lines_about(service, "checkpoints_unreadable")
    assert not lines_about(service, "ledger_rolled_back")
    verified = command(service.data, "verify", settings=service.settings)
    assert verified.returncode == 1
    assert "not signed with this key" in verified.stdout
    assert "cannot be read" in verified.stdout
    file.write_bytes(held)


def test_a_file_that_cannot_be_read_is_refused(service: Service) -> None:
    """Nothing is known of what it says."""
    file = service.data.parent / "elsewhere" / FILE
    held = file.read_bytes()
    file.unlink()
    file.mkdir()
    said = command(service.data, "serve", settings=service.settings)
    assert said.returncode == 2
    assert "Is a directory" in said.stderr
    file.rmdir()
    file.write_bytes(held)
    assert command(service.data, "verify", settings=service.settings).returncode == 0
