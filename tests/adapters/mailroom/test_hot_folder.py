"""Pictures that a scanner drops end in the right folder, each once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from adapters.mailroom.hot_folder import HotFolder, Result
from adapters.mailroom.images import Picture
from adapters.mailroom.reading import Line, RapidReader
from adapters.pin_phone.client import Client
from service.access.model import Role
from tests.adapters.mailroom.drawing import TO, encoded, envelope
from tests.adapters.pin_phone.sip.exchange import stand_in
from tests.service.running import service_in

RESTRICTED = ("Ms R Tallantyre", "14 Larkmead Street", "Ambermouth", "QB1 4AB")
"""The address of the tests' restriction."""
ELSEWHERE = ("Mr J Brown", "7 Quarry Lane", "Otherstead", "QB9 9ZZ")
SENDER = ("From: T Vance X1234BC", "HMP Leeds")


def put(folder: Path, name: str, data: bytes, age: float = 10) -> Path:
    """A file that was dropped some seconds ago."""
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def ends(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(p.name for p in (folder / name).iterdir()) for name in ("allow", "block", "flag")}


def letter(decision: str, action: str) -> Any:
    def answer(body: dict[str, str]) -> tuple[int, bytes]:
        said = {"id": body["id"], "decision": decision, "action": action, "confidential": False}
        return 200, json.dumps(said).encode()

    return answer


def take_all(folder: Path, url: str, reader: Any = None, key: str = "a-key") -> list[Result]:
    async def run() -> list[Result]:
        async with Client([url], key, timeout=20) as client:
            hot = HotFolder(folder, client, reader)
            return [await hot.take(path) for path in hot.waiting()]

    return asyncio.run(run())


class OneAddress:
    """Reads the same address on every picture, at once."""

    def read(self, picture: Picture) -> tuple[Line, ...]:
        return tuple(Line(text, 0.99, 100, 100 + 60 * n, 400, 40) for n, text in enumerate(TO))


def test_real_envelopes_are_read_and_a_real_service_decides(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    with service_in(tmp_path) as service, service.key(Role.MAILROOM) as machine:
        key = machine.headers["authorization"].split()[1]
        put(folder, "restricted.png", encoded(envelope(RESTRICTED, SENDER)))
        put(folder, "elsewhere.jpg", encoded(envelope(ELSEWHERE, SENDER), "JPEG"))
        put(folder, "blank.tif", encoded(envelope(()), "TIFF"))
        put(folder, "broken.pdf", b"%PDF-1.7 nonsense")
        results = {one.file: one for one in take_all(folder, service.url, RapidReader(), key)}
    assert ends(folder) == {
        "allow": ["elsewhere.jpg", "elsewhere.jpg.json"],
        "block": ["restricted.png", "restricted.png.json"],
        "flag": ["blank.tif", "blank.tif.json", "broken.pdf", "broken.pdf.json"],
    }
    assert results["broken.pdf"].problem == "broken: it cannot be read to its end"
    beside = (folder / "block" / "restricted.png.json").read_text()
    assert json.loads(beside)["decision"] == "block"
    for secret in ("Larkmead", "Tallantyre", "QB1"):
        assert secret not in beside


def test_a_file_that_is_still_written_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "young.png", encoded(envelope()), age=0)
    put(tmp_path, ".hidden.png", encoded(envelope()))
    put(tmp_path, "notes.txt", b"not a scan")
    assert take_all(tmp_path, "http://127.0.0.1:9", OneAddress()) == []


def test_nobody_answers_and_every_letter_is_held(tmp_path: Path) -> None:
    put(tmp_path, "one.png", encoded(envelope()))
    (result,) = take_all(tmp_path, "http://127.0.0.1:9", OneAddress())
    assert (result.decision, result.action, result.source) == ("flag", "hold", "unreachable")
    assert ends(tmp_path)["flag"] == ["one.png", "one.png.json"]


def test_a_doubtful_reading_is_never_allowed(tmp_path: Path) -> None:
    class Unsure(OneAddress):
        def read(self, picture: Picture) -> tuple[Line, ...]:
            first, *rest = super().read(picture)
            return (Line(first.text, 0.4, first.left, first.top, first.width, first.height), *rest)

    put(tmp_path, "one.png", encoded(envelope()))
    with stand_in(letter("allow", "post")) as (url, _):
        (result,) = take_all(tmp_path, url, Unsure())
    assert (result.decision, result.action) == ("flag", "hold")


def test_the_same_picture_again_is_the_same_question_and_both_files_are_kept(tmp_path: Path) -> None:
    data = encoded(envelope())
    with stand_in(letter("allow", "post")) as (url, asked):
        for _ in range(2):
            put(tmp_path, "scan.png", data)
            take_all(tmp_path, url, OneAddress())
        put(tmp_path, "other.png", data)
        take_all(tmp_path, url, OneAddress())
    assert len({body["id"] for body in asked}) == 1
    pictures = [name for name in ends(tmp_path)["allow"] if name.endswith(".png")]
    assert len(pictures) == 3
    assert {f"{name}.json" for name in pictures} <= set(ends(tmp_path)["allow"])


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    target = put(tmp_path, "elsewhere.png", encoded(envelope()))
    (folder / "link.png").symlink_to(target)
    assert take_all(folder, "http://127.0.0.1:9", OneAddress()) == []


def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """The program is killed again and again; in equals out, each picture once, with its answer."""
    names = {f"{n:03}.png" for n in range(120)}
    small = Image.new("RGB", (200, 150), "white")
    for n, name in enumerate(sorted(names)):
        small.putpixel((0, 0), (n, 0, 0))
        put(tmp_path, name, encoded(small))
    program = (
        "import asyncio, sys, pathlib\n"
        "from adapters.mailroom.hot_folder import HotFolder\n"
        "from adapters.pin_phone.client import Client\n"
        "from tests.adapters.mailroom.test_hot_folder import OneAddress\n"
        "async def run():\n"
        "    async with Client([sys.argv[2]], 'a-key', timeout=20) as client:\n"
        "        await HotFolder(pathlib.Path(sys.argv[1]), client, OneAddress()).run()\n"
        "asyncio.run(run())\n"
    )
    kills = 0
    with stand_in(letter("allow", "post"), seconds=0.05) as (url, _):
        end = time.monotonic() + 120
        while {p.name for p in tmp_path.glob("*.png")} and time.monotonic() < end:
            process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), url])
            try:
                process.wait(2.5 + kills)  # longer each time, so that a slow machine gets on too
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
    assert kills >= 2
    done = ends(tmp_path)
    assert [name for name in done["allow"] if name.endswith(".png")] == sorted(names)
    assert {f"{name}.json" for name in names} <= set(done["allow"])
    assert done["block"] == done["flag"] == []
    for name in names:
        assert json.loads((tmp_path / "allow" / f"{name}.json").read_text())["file"] == name
