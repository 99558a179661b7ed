"""A folder into which a scanner drops pictures of envelopes; each ends in `allow/`, `block/` or `flag/`.

    python -m adapters.mailroom.hot_folder FOLDER --node https://node:8085 --key-file key --tray MDI-tuesday

Beside each picture lies a small JSON file of the same name with the answer; it holds no address. The service
reads the picture and names it by its content, so that after a power cut it gets the same answer again and is
one item of its tray. The order of what is done makes every moment safe to be interrupted: first the JSON
file, then the picture, each by one rename; what lies in the folder is not done yet, and nothing is ever
deleted. While the service cannot be reached, pictures wait where they are: no letter goes without an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx
import msgspec
from watchfiles import awatch

from adapters.mailroom.images import LONGEST_FILE
from engine.model import Verdict

SETTLED = 1.0
"""Seconds without a change after which a file counts as whole: a scanner writes on all the while."""
EVERY = 5.0
"""Seconds between looks, beside being told by the system: network folders tell nobody."""
TIMEOUT = 120.0
"""Seconds for an answer: the picture is read meanwhile, and others may be before it."""
AGAIN = 2.0
"""Seconds until a picture is tried again that could not be sent."""
ENDS: tuple[Verdict, ...] = ("allow", "block", "flag")
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"})


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands beside a picture."""

    id: str
    tray: str
    file: str
    decision: Verdict
    action: str
    place: int = 0
    confidence: float = 0.0
    doubts: tuple[str, ...] = ()
    problem: str | None = None
    """Why the picture could not be read."""


class MailroomError(Exception):
    """No usable answer; the text says why and holds nothing of the picture."""


class _Answer(msgspec.Struct, frozen=True):
    id: str
    tray: str
    place: int
    decision: Verdict
    action: str
    confidence: float
    doubts: tuple[str, ...]
    problem: str | None


_answers = msgspec.json.Decoder(_Answer)


class Mailroom:
    """The service's side: one tray of it. For one event loop."""

    def __init__(
        self, node: str, key: str, tray: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`tray` names the tray that pictures go into."""
        self.tray = tray
        self._http = httpx.AsyncClient(
            base_url=node.rstrip("/"),
            headers={"authorization": f"Bearer {key}"},
            timeout=TIMEOUT,
            follow_redirects=False,
            transport=transport,
        )

    async def begin(self, establishment: str | None = None, expected: int | None = None) -> None:
        """Begin the tray, or go on with it. Raises MailroomError."""
        asked = {"id": self.tray, "establishment": establishment, "expected": expected}
        try:
            answer = await self._http.post("/v1/mail/trays", json=asked)
        except httpx.HTTPError as error:
            raise MailroomError(f"the service cannot be reached: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise MailroomError(f"the tray was refused with status {answer.status_code}")

    async def take(self, name: str, data: bytes) -> Result:
        """What to do with one picture. Raises MailroomError."""
        headers = {"x-file-name": name.encode("ascii", "replace").decode()[:255]}
        try:
            answer = await self._http.post(f"/v1/mail/trays/{self.tray}/items", content=data, headers=headers)
        except httpx.HTTPError as error:
            raise MailroomError(f"the service cannot be reached: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise MailroomError(f"refused with status {answer.status_code}")
        try:
            read = _answers.decode(answer.content)
        except msgspec.DecodeError:
            raise MailroomError("not an answer of the service") from None
        if (read.decision == "allow") != (read.action == "post"):
            raise MailroomError("not an answer of the service")
        return Result(
            id=read.id,
            tray=read.tray,
            file=name,
            decision=read.decision,
            action=read.action,
            place=read.place,
            confidence=round(read.confidence, 3),
            doubts=read.doubts,
            problem=read.problem,
        )

    async def __aenter__(self) -> Mailroom:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()


class HotFolder:
    """One folder and what is done with it."""

    def __init__(self, folder: Path, mailroom: Mailroom, at_once: int = 2) -> None:
        """Makes the three folders. `at_once` pictures are sent side by side."""
        self._folder = folder
        self._mailroom = mailroom
        self._at_once = at_once
        for name in ENDS:
            (folder / name).mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[Path]:
        """Pictures that nobody writes on any more, the oldest first. Anything else is left where it is."""
        now = time.time()
        found = []
        for entry in os.scandir(self._folder):
            if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                path = Path(entry.path)
                changed = entry.stat(follow_symlinks=False).st_mtime
                if path.suffix.lower() in ENDINGS and not 0 <= now - changed < SETTLED:
                    found.append((changed, path))
        return [path for _, path in sorted(found)]

    async def take(self, path: Path) -> Result:
        """One picture from the folder to its end. Raises OSError, MailroomError."""
        if path.stat().st_size > LONGEST_FILE:
            result = self._held(path.name, f"longer than {LONGEST_FILE // 1024 // 1024} MB")
        else:
            data = path.read_bytes()
            result = await self._mailroom.take(path.name, data) if data else self._held(path.name, "empty")
        self._end(path, result)
        return result

    async def run(self) -> None:
        """Take pictures until it is cancelled. One that cannot be sent or moved is tried again."""
        watched = awatch(self._folder, recursive=False, rust_timeout=int(EVERY * 1000), yield_on_timeout=True)
        while True:
            while waiting := self.waiting():
                failures = await self._take_all(waiting)
                if failures:
                    print(f"{len(failures)} wait: {failures[0]}", file=sys.stderr, flush=True)
                    await asyncio.sleep(AGAIN)
            await anext(watched)
            await asyncio.sleep(SETTLED)

    async def _take_all(self, paths: list[Path]) -> list[str]:
        failures: list[str] = []
        rest = iter(paths)

        async def work() -> None:
            for path in rest:
                try:
                    await self.take(path)
                except OSError as error:
                    failures.append(f"a file cannot be read or moved: {type(error).__name__}")
                except MailroomError as error:
                    failures.append(str(error))

        await asyncio.gather(*(work() for _ in range(self._at_once)))
        return failures

    def _held(self, name: str, problem: str) -> Result:
        """For what the service would not even take."""
        return Result(
            id="", tray=self._mailroom.tray, file=name, decision="flag", action="hold", problem=problem
        )

    def _end(self, path: Path, result: Result) -> None:
        end = self._folder / result.decision
        name = path.name
        if (end / name).exists():  # another picture of this name: both are kept
            name = f"{path.stem}-{result.id}-{time.time_ns():x}{path.suffix}"
        self._clear_away(name)
        beside = end / f"{name}.json"
        new = end / f".{name}.json.new"
        with new.open("wb") as out:
            out.write(msgspec.json.encode(result) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(beside)
        path.rename(end / name)

    def _clear_away(self, name: str) -> None:
        """An answer without its picture, left by a power cut before the answer was another one."""
        for other in ENDS:
            if not (self._folder / other / name).exists():
                (self._folder / other / f"{name}.json").unlink(missing_ok=True)


def main() -> None:
    """Watch a folder until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--node", required=True, help="the service")
    parser.add_argument("--key-file", type=Path, required=True, help="file of the API key, role mailroom")
    parser.add_argument("--tray", required=True, help="name of the tray that it goes into")
    parser.add_argument("--prison", help="code of the prison")
    parser.add_argument("--expected", type=int, help="how many letters were counted into the tray")
    parser.add_argument("--at-once", type=int, default=2, help="pictures sent side by side")
    given = parser.parse_args()

    async def run() -> None:
        key = given.key_file.read_text().strip()
        async with Mailroom(given.node, key, given.tray) as mailroom:
            folder = HotFolder(given.folder, mailroom, given.at_once)
            while True:
                try:
                    await mailroom.begin(given.prison, given.expected)
                    break
                except MailroomError as error:
                    print(error, file=sys.stderr, flush=True)
                    await asyncio.sleep(AGAIN)
            print(f"watching {given.folder}", flush=True)
            await folder.run()

    asyncio.run(run())


if __name__ == "__main__":
    main()
