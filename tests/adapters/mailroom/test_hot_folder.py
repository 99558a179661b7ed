"""Pictures that a scanner drops end in the right folder, each once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.mailroom.hot_folder import HotFolder, Mailroom, MailroomError, Result
from benchmarks.mail.soak import soak
from service.access.model import Role
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.service.running import service_in

RESTRICTED = ("Ms R Tallantyre", "14 Larkmead Street", "Ambermouth", "QB1 4AB")
"""The address of the tests' restriction."""
ELSEWHERE = ("Mr J Brown", "7 Quarry Lane", "Otherstead", "QB9 9ZZ")
SENDER = ("From: T Vance X1234BC", "HMP Leeds")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def mailroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A machine of the mailroom, at a real service."""
    with service_in(tmp_path_factory.mktemp("mail")) as service, service.key(Role.MAILROOM) as machine:
        yield machine


def put(folder: Path, name: str, data: bytes, age: float = 10) -> Path:
    """A file that was dropped some seconds ago."""
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def ends(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(p.name for p in (folder / name).iterdir()) for name in ("allow", "block", "flag")}


def take_all(folder: Path, machine: httpx.Client | None, tray: str) -> list[Result]:
    url = NOBODY if machine is None else str(machine.base_url)
    key = "no key" if machine is None else machine.headers["authorization"].split()[1]

    async def run() -> list[Result]:
        async with Mailroom(url, key, tray) as service:
            if machine is not None:
                await service.begin()
            hot = HotFolder(folder, service)
            return [await hot.take(path) for path in hot.waiting()]

    return asyncio.run(run())


def test_real_envelopes_are_read_and_a_real_service_decides(mailroom: httpx.Client, tmp_path: Path) -> None:
    put(tmp_path, "restricted.png", encoded(envelope(RESTRICTED, SENDER)))
    put(tmp_path, "elsewhere.jpg", encoded(envelope(ELSEWHERE, SENDER), "JPEG"))
    put(tmp_path, "blank.tif", encoded(envelope(()), "TIFF"))
    put(tmp_path, "broken.pdf", b"%PDF-1.7 nonsense")
    put(tmp_path, "empty.png", b"")
    put(tmp_path, "disguised.png", b"GIF89a" + bytes(500))
    results = {one.file: one for one in take_all(tmp_path, mailroom, "real")}
    assert ends(tmp_path)["allow"] == ["elsewhere.jpg", "elsewhere.jpg.json"]
    assert ends(tmp_path)["block"] == ["restricted.png", "restricted.png.json"]
    held = [name for name in ends(tmp_path)["flag"] if not name.endswith(".json")]
    assert held == ["blank.tif", "broken.pdf", "disguised.png", "empty.png"]
    assert results["broken.pdf"].problem == "broken: it cannot be read to its end"
    assert results["disguised.png"].problem == "not a JPEG, PNG, TIFF or PDF"
    beside = (tmp_path / "block" / "restricted.png.json").read_text()
    assert json.loads(beside)["decision"] == "block"
    for secret in ("Larkmead", "Tallantyre", "QB1"):
        assert secret not in beside


def test_a_file_that_is_still_written_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "young.png", encoded(envelope()), age=0)
    put(tmp_path, ".hidden.png", encoded(envelope()))
    put(tmp_path, "notes.txt", b"not a scan")
    assert take_all(tmp_path, None, "young") == []


def test_a_file_from_the_future_is_not_left_for_ever(mailroom: httpx.Client, tmp_path: Path) -> None:
    put(tmp_path, "ahead.png", b"", age=-3600)  # a scanner whose clock is wrong
    assert len(take_all(tmp_path, mailroom, "ahead")) == 1


def test_while_nobody_answers_a_picture_waits_where_it_is(tmp_path: Path) -> None:
    path = put(tmp_path, "one.png", encoded(envelope()))
    with pytest.raises(MailroomError, match="cannot be reached"):
        take_all(tmp_path, None, "nobody")
    assert path.exists()
    assert ends(tmp_path) == {"allow": [], "block": [], "flag": []}


def test_the_same_picture_again_is_one_item_and_every_file_is_kept(
    mailroom: httpx.Client, tmp_path: Path
) -> None:
    data = encoded(envelope(ELSEWHERE, SENDER))
    results = []
    for name in ("scan.png", "scan.png", "other.png"):
        put(tmp_path, name, data)
        results += take_all(tmp_path, mailroom, "again")
    assert len({one.id for one in results}) == 1
    assert mailroom.get("/v1/mail/trays/again").json()["items"] == 1
    pictures = [name for name in ends(tmp_path)["allow"] if name.endswith(".png")]
    assert len(pictures) == 3
    assert {f"{name}.json" for name in pictures} <= set(ends(tmp_path)["allow"])


def test_an_answer_without_its_picture_is_cleared_away(mailroom: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "allow").mkdir()
    (tmp_path / "allow" / "one.png.json").write_text("{}")
    put(tmp_path, "one.png", b"")
    take_all(tmp_path, mailroom, "orphan")
    assert ends(tmp_path) == {"allow": [], "block": [], "flag": ["one.png", "one.png.json"]}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    target = put(tmp_path, "elsewhere.png", encoded(envelope()))
    (folder / "link.png").symlink_to(target)
    assert take_all(folder, None, "link") == []


def test_kills_of_the_program_and_of_the_service_lose_and_double_nothing(tmp_path: Path) -> None:
    outcome = soak(tmp_path, 300, every=1.5)
    assert outcome.is_whole, outcome
    assert outcome.kills >= 3, outcome
