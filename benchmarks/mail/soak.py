"""Files in a hot folder while its program and the service are killed: in equals out, and nothing twice.

    python -m benchmarks.mail.soak [files]

Small pictures, each another one, most of them too small to be read, duplicates of some under another name,
and rubbish between them. Every few seconds the hot folder's program is killed, and
every third time the service too, both with SIGKILL. At the end every file lies in one of the three folders
with its answer beside it, the tray holds one item for each picture, and the ledger one record for each item.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from PIL import Image, ImageDraw, ImageFont

from benchmarks.load import serving
from engine.model import Contact, ProtectedPerson, Restriction

TRAY = "soak"
RESTRICTION = Restriction(
    id="R1",
    prisoner="X1234BC",
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="address", value="14 Larkmead Street, Ambermouth, QB1 4AB"),),
)
ENDS = ("allow", "block", "flag")
READ_ONE_IN = 50
"""The others are too small to be read and are held at once: what is tried is that none is lost."""


class Outcome(NamedTuple):
    """What was counted at the end."""

    files: int
    pictures: int
    """Different ones."""
    ended: int
    twice: int
    without_answer: int
    items: int
    kills: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing and nothing doubled."""
        return (self.ended, self.twice, self.without_answer, self.items) == (self.files, 0, 0, self.pictures)


def drop(folder: Path, count: int, seed: int = 1) -> int:
    """Put files into the folder; gives how many different pictures are among them."""
    rng = random.Random(seed)
    font = ImageFont.load_default(22)
    kinds = {"picture": 0, "rubbish": 0}
    last = b""
    for n in range(count):
        kind = rng.random()
        if kind < 0.05 and last:
            data = last  # the same scan under another name
        elif kind < 0.1:
            data = f"%PDF-1.7 rubbish {n}".encode()
            kinds["rubbish"] += 1
        else:
            image = Image.new("RGB", (320, 200) if n % READ_ONE_IN == 0 else (110, 60), "white")
            lines = f"Mr A Person\n{n} Quarry Lane\nOtherstead\nQB9 9ZZ"
            ImageDraw.Draw(image).multiline_text((10, 10), lines, font=font, fill="black")
            out = BytesIO()
            image.save(out, "PNG")
            data = last = out.getvalue()
            kinds["picture"] += 1
        new = folder / f".{n:05}.new"
        new.write_bytes(data)
        os.utime(new, (time.time() - 10, time.time() - 10))
        new.rename(folder / f"{n:05}.{'png' if data.startswith(bytes([137])) else 'pdf'}")
    return sum(kinds.values())


def kill_until_done(
    folder: Path, url: str, key: Path, pictures: int, restart: Callable[[], None], *, every: float
) -> tuple[int, float]:
    """Start the hot folder's program and kill it again and again until the folder is empty.

    `restart` kills the service and starts it again. Gives the kills and the seconds.
    """
    program = [sys.executable, "-m", "adapters.mailroom.hot_folder", str(folder), "--node", url]
    program += ["--key-file", str(key), "--tray", TRAY, "--expected", str(pictures)]
    rng = random.Random(2)
    kills, began = 0, time.monotonic()
    while any(folder.glob("*.p*")):
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + every * rng.uniform(0.7, 1.3) + min(kills, 10) / 4
        while time.monotonic() < end and any(folder.glob("*.p*")):
            time.sleep(0.1)
        process.kill()
        process.wait()
        kills += 1
        if kills % 3 == 0:
            restart()
    return kills, time.monotonic() - began


def count(folder: Path, files: int, pictures: int, kills: int, seconds: float, items: int) -> Outcome:
    """Look at the three folders."""
    ended = [path for end in ENDS for path in (folder / end).iterdir() if path.suffix in (".png", ".pdf")]
    names = [path.name.split("-")[0].split(".")[0] for path in ended]
    without = [
        path
        for path in ended
        if json.loads((path.parent / f"{path.name}.json").read_text())["decision"] != path.parent.name
    ]
    return Outcome(
        files, pictures, len(ended), len(names) - len(set(names)), len(without), items, kills, seconds
    )


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with TemporaryDirectory(prefix="nocontact-mail-soak-") as made:
        outcome = soak(Path(made), files, every=5)
    print(outcome)
    print("in equals out, nothing twice" if outcome.is_whole else "NOT WHOLE")
    sys.exit(not outcome.is_whole)


def soak(root: Path, files: int, *, every: float) -> Outcome:
    """The whole of it with a service of its own; `every` so many seconds a kill."""
    folder, data = root / "scans", root / "data"
    folder.mkdir()
    serving.prepare(data, [RESTRICTION])
    key = root / "key"
    key.write_text(serving.key(data, "mailroom"))
    settings = serving.environment(data) | {"NOCONTACT_PORT": str(free_port()), "NOCONTACT_MAIL_READERS": "2"}
    command = [*serving.NOCONTACT, "serve"]
    running = [serving.start(command, settings, root / "log")]

    def restart() -> None:
        running.pop().kill()
        running.append(serving.start(command, settings, root / "log"))

    try:
        pictures = drop(folder, files)
        url = running[0].url
        kills, seconds = kill_until_done(folder, url, key, pictures, restart, every=every)
        headers = {"authorization": f"Bearer {key.read_text()}"}
        tray = httpx.get(f"{url}/v1/mail/trays/{TRAY}", headers=headers, timeout=60).json()
        ledger = serving.run(data, "verify", "--data", str(data))
    finally:
        running[0].kill()
    print(ledger.strip().splitlines()[-1])
    return count(folder, files, pictures, kills, seconds, tray["items"])


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
