"""Files in a hot folder while its program and the service are killed: in equals out, and nothing twice.

    python -m benchmarks.mail.soak [files]

Small pictures, each another one, most of them too small to be read, duplicates of some under another name,
and rubbish between them. Half of them lie there at the start; the others come meanwhile, as a scanner writes
them: each in two halves, and some soon written over under the same name. Every few seconds the hot folder's
program is killed, and every third time the service too, both with SIGKILL. At the end every picture that was
not written over lies in one of the three folders, with the answer to it and no other beside it, and no answer
lies alone; the tray holds one item for each picture, and the ledger is whole.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from PIL import Image, ImageDraw, ImageFont

from adapters.mailroom.hot_folder import ENDS, SETTLED
from benchmarks.free_port import free_port
from benchmarks.load import serving
from engine.model import Contact, ProtectedPerson, Restriction
from service.mail.intake import item_id

TRAY = "soak"
LONGEST = 600
"""Seconds in which nothing ended, after which what is not done is told as waiting."""
RESTRICTION = Restriction(
    id="R1",
    prisoner="X1234BC",
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="address", value="14 Larkmead Street, Ambermouth, QB1 4AB"),),
)
READ_ONE_IN = 50
"""The others are too small to be read and are held at once: what is tried is that none is lost."""
AT_ONCE = 10
"""Files that come side by side; two of them are written over."""
BETWEEN_HALVES = 0.3
"""Seconds. The program looks every second: it sees some of the halves."""


class Dropped(NamedTuple):
    """What was put into the folder."""

    stay: Counter[bytes]
    """Contents that nothing was written over."""
    replaced: Counter[bytes]
    """Those that were written over: taken before, or gone."""
    torn: int
    """Halves that lay longer than the program waits, as the machine was busy: it may ask about them."""


class Outcome(NamedTuple):
    """What was counted at the end."""

    ended: int
    waiting: int
    """Neither ended nor lost: time was over."""
    lost: int
    twice: int
    replaced: int
    torn: int
    without_answer: int
    """Pictures without their own answer in the same folder."""
    answers_alone: int
    """Whatever lies in a folder and is no picture and no picture's answer."""
    pictures: int
    """Different ones that ended."""
    items: int
    kills: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, nothing doubled and nothing without its own answer."""
        faultless = (self.waiting, self.lost, self.twice, self.answers_alone) == (0, 0, 0, 0)
        extra = self.items - self.pictures
        return faultless and self.without_answer <= self.torn and 0 <= extra <= self.torn


def contents(seed: int = 1) -> Iterator[bytes]:
    """File after file, without end."""
    rng = random.Random(seed)
    font = ImageFont.load_default(22)
    last, n = b"", 0
    while True:
        kind = rng.random()
        if kind < 0.05 and last:
            yield last  # the same scan under another name
        elif kind < 0.1:
            yield f"%PDF-1.7 rubbish {n}".encode()
        else:
            image = Image.new("RGB", (320, 200) if n % READ_ONE_IN == 0 else (110, 60), "white")
            lines = f"Mr A Person\n{n} Quarry Lane\nOtherstead\nLS9 9ZZ"
            ImageDraw.Draw(image).multiline_text((10, 10), lines, font=font, fill="black")
            out = BytesIO()
            image.save(out, "PNG")
            last = out.getvalue()
            yield last
        n += 1


def drop(folder: Path, files: Iterator[bytes], count: int) -> Dropped:
    """Put files into the folder, each at once."""
    dropped = Dropped(Counter(), Counter(), 0)
    for n, data in enumerate(islice(files, count)):
        (folder / f"a{n:05}.png").write_bytes(data)
        dropped.stay[data] += 1
    return dropped


def scan(folder: Path, files: Iterator[bytes], count: int) -> Dropped:
    """Put files into the folder as a scanner does: side by side, each in two halves, some written over."""
    rng = random.Random(3)
    stay, replaced, torn = Counter[bytes](), Counter[bytes](), 0
    for first in range(0, count, AT_ONCE):
        paths = [folder / f"b{n:05}.png" for n in range(first, min(first + AT_ONCE, count))]
        before = list(islice(files, len(paths)))
        torn += write_slowly(dict(zip(paths, before, strict=True)))
        time.sleep(rng.uniform(0, 4 * SETTLED))
        over = dict(zip(paths[:2], files, strict=False))
        torn += write_slowly(over)
        stay.update([*over.values(), *before[len(over) :]])
        replaced.update(before[: len(over)])
    return Dropped(stay, replaced, torn)


def write_slowly(files: dict[Path, bytes]) -> int:
    """Gives how many halves lay so long that they could be taken for a whole."""
    began = time.monotonic()
    opened = [path.open("wb", buffering=0) for path in files]
    for file, data in zip(opened, files.values(), strict=True):
        file.write(data[: len(data) // 2])
    time.sleep(BETWEEN_HALVES)
    for file, data in zip(opened, files.values(), strict=True):
        file.write(data[len(data) // 2 :])
        file.close()
    return len(files) if time.monotonic() - began >= SETTLED else 0


def kill_until_done(
    folder: Path,
    url: str,
    key: Path,
    files: int,
    coming: Future[Dropped],
    restart: Callable[[], None],
    *,
    every: float,
) -> tuple[int, float]:
    """Start the hot folder's program and kill it again and again until all has come and the folder is empty.

    `restart` kills the service and starts it again. A program that was killed before it had ended anything
    is given twice the time: on a busy machine it may not even have begun. One that has ended a fifth of all
    is killed at once: on a fast machine it would be through before its time. Gives the kills and the seconds.
    """
    program = [sys.executable, "-m", "adapters.mailroom.hot_folder", str(folder), "--node", url]
    program += ["--key-file", str(key), "--tray", TRAY, "--expected", str(files)]
    rng = random.Random(2)
    kills, began, patience = 0, time.monotonic(), every
    before, progressed_at = 0, began
    while not is_done(folder, coming) and time.monotonic() - progressed_at < LONGEST:
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + patience * rng.uniform(0.7, 1.3) + min(kills, 10) / 4
        enough = before + max(1, files // 5)
        while time.monotonic() < end and not is_done(folder, coming):
            time.sleep(0.1)
            if len(pictures_in_ends(folder)) >= enough:
                break
        process.kill()
        process.wait()
        kills += 1
        ended = len(pictures_in_ends(folder))
        patience = every if ended > before else 2 * patience
        progressed_at = time.monotonic() if ended > before else progressed_at
        before = ended
        if kills % 3 == 0:
            restart()
    return kills, time.monotonic() - began


def is_done(folder: Path, coming: Future[Dropped]) -> bool:
    """Whether all has come, and nothing waits. Asked in this order: what comes after a look at the folder
    would be counted as lost."""
    return coming.done() and not waiting_in(folder)


def waiting_in(folder: Path) -> list[Path]:
    """What has not ended: pictures in the folder, then what is being taken, in the order of their way."""
    taking = folder / ".taking"
    return [*folder.glob("*.png"), *(taking.iterdir() if taking.exists() else ())]


def pictures_in_ends(folder: Path) -> list[Path]:
    """The pictures that have ended."""
    ends = (folder / end for end in ENDS)
    return [path for end in ends if end.exists() for path in end.iterdir() if path.suffix == ".png"]


def count(folder: Path, dropped: list[Dropped], items: int, kills: int, seconds: float) -> Outcome:
    """Look at the three folders."""
    ended = pictures_in_ends(folder)
    beside = {path.with_name(f"{path.name}.json") for path in ended}
    others = {path for end in ENDS for path in (folder / end).iterdir()} - {*ended}
    found = Counter(path.read_bytes() for path in ended)
    waiting = Counter(path.read_bytes() for path in folder.rglob("*.png") if path.is_file()) - found
    stay = sum((one.stay for one in dropped), Counter[bytes]())
    replaced = sum((one.replaced for one in dropped), Counter[bytes]())
    return Outcome(
        ended=len(ended),
        waiting=waiting.total(),
        lost=(stay - found - waiting).total(),
        twice=(found - stay - replaced).total(),
        replaced=replaced.total(),
        torn=sum(one.torn for one in dropped),
        without_answer=sum(not is_answered(path) for path in ended),
        answers_alone=len(others - beside),
        pictures=len(found),
        items=items,
        kills=kills,
        seconds=round(seconds, 1),
    )


def is_answered(path: Path) -> bool:
    """Whether what lies beside a picture is the answer to it and to no other."""
    try:
        told = json.loads(path.with_name(f"{path.name}.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return (told["decision"], told["id"]) == (path.parent.name, item_id(TRAY, path.read_bytes()))


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
    own = {"NOCONTACT_PORT": str(free_port()), "NOCONTACT_MAIL_READERS": "2"}
    settings = serving.environment(data) | serving.AS_FAST_AS_IT_GOES | own
    command = [*serving.NOCONTACT, "serve"]
    running = [serving.start(command, settings, root / "log")]

    def restart() -> None:
        running.pop().kill()
        running.append(serving.start(command, settings, root / "log"))

    try:
        url, pictures = running[0].url, contents()
        lying = drop(folder, pictures, files // 2)
        with ThreadPoolExecutor(1) as scanner:
            coming = scanner.submit(scan, folder, pictures, files - files // 2)
            kills, seconds = kill_until_done(folder, url, key, files, coming, restart, every=every)
        headers = {"authorization": f"Bearer {key.read_text()}"}
        tray = httpx.get(f"{url}/v1/mail/trays/{TRAY}", headers=headers, timeout=60).json()
        ledger = serving.run(data, "verify", "--data", str(data))
    finally:
        running[0].kill()
    print(ledger.strip().splitlines()[-1])
    return count(folder, [lying, coming.result()], tray["items"], kills, seconds)


if __name__ == "__main__":
    main()
