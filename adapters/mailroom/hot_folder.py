"""A folder into which a scanner drops pictures of envelopes; each ends in `allow/`, `block/` or `flag/`.

    python -m adapters.mailroom.hot_folder FOLDER --node https://node:8085 --key-file key

Beside each picture lies a small JSON file of the same name with the answer; it holds no address. A picture is
asked about under a name that is made of its content, so that after a power cut it gets the same answer again
and one record. The order of what is done makes every moment safe to be interrupted: first the JSON file, then
the picture, each by one rename; what lies in the folder is not done yet, and nothing is ever deleted.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import time
from pathlib import Path

import msgspec

from adapters.mailroom.envelope import Doubt, Envelope, understand
from adapters.mailroom.images import LONGEST_FILE, ImageError, open_pages
from adapters.mailroom.reading import RapidReader, Reader
from adapters.pin_phone.client import Client, RefusedRequestError
from engine.model import Verdict

SETTLED = 1.0
"""Seconds without a change after which a file counts as whole: a scanner writes on all the while."""
EVERY = 0.3
"""Seconds between looks. It looks, and is not told: network folders tell nobody."""
TIMEOUT = 5.0
"""Seconds for an answer: nobody waits at the telephone."""
ENDS: tuple[Verdict, ...] = ("allow", "block", "flag")
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"})


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands beside a picture."""

    id: str
    file: str
    decision: Verdict
    action: str
    source: str
    """Who decided: `service`, `unreachable`, or `reader` for what could not be read."""
    confidence: float = 0.0
    doubts: tuple[Doubt, ...] = ()
    problem: str | None = None
    """Why the picture could not be read."""


class HotFolder:
    """One folder and what is done with it."""

    def __init__(self, folder: Path, client: Client, reader: Reader | None = None) -> None:
        """Makes the three folders."""
        self._folder = folder
        self._client = client
        self._reader = reader or RapidReader()
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
                if path.suffix.lower() in ENDINGS and now - changed >= SETTLED:
                    found.append((changed, path))
        return [path for _, path in sorted(found)]

    async def take(self, path: Path) -> Result:
        """One picture from the folder to its end. Raises OSError."""
        too_long = path.stat().st_size > LONGEST_FILE
        data = b"" if too_long else path.read_bytes()
        content = hashlib.sha256(data if data else path.name.encode()).hexdigest()
        problem = f"longer than {LONGEST_FILE // 1024 // 1024} MB" if too_long else None
        result = await self._decide(path.name, content, data, problem)
        self._end(path, result, content)
        return result

    async def run(self) -> None:
        """Take pictures until it is cancelled. One that cannot be moved is tried again."""
        while True:
            for path in self.waiting():
                try:
                    await self.take(path)
                except OSError:
                    continue
            await asyncio.sleep(EVERY)

    async def _decide(self, name: str, content: str, data: bytes, problem: str | None) -> Result:
        if problem is not None:
            return _held(name, content, problem)
        try:
            envelope = await asyncio.to_thread(self._read, data)
        except ImageError as error:
            return _held(name, content, str(error))
        if Doubt.UNREADABLE in envelope.doubts:
            return _held(name, content, "no address could be read", envelope)
        try:
            answer = await self._client.check(
                "letter", id=f"mail-{content}", to=envelope.to, prisoner=envelope.prisoner
            )
        except RefusedRequestError:
            return _held(name, content, "the service could not read what was read", envelope)
        decision, action = answer.decision, answer.action
        if decision == "allow" and envelope.doubts:
            decision, action = "flag", "hold"
        return Result(
            id=f"mail-{content}",
            file=name,
            decision=decision,
            action=action,
            source=answer.source,
            confidence=round(envelope.confidence, 3),
            doubts=envelope.doubts,
        )

    def _read(self, data: bytes) -> Envelope:
        """The first page with an address on it; an envelope's front, or its back."""
        found: Envelope | None = None
        for picture in open_pages(data):
            one = understand(self._reader.read(picture))
            if found is None or Doubt.UNREADABLE in found.doubts:
                found = one
            elif found.prisoner is None:
                found = msgspec.structs.replace(found, prisoner=one.prisoner)
        if found is None:
            raise ImageError("no pages")
        return found

    def _end(self, path: Path, result: Result, content: str) -> None:
        end = self._folder / result.decision
        name = path.name
        if (end / name).exists():  # another picture of this name: both are kept
            name = f"{path.stem}-{content[:12]}-{time.time_ns():x}{path.suffix}"
        beside = end / f"{name}.json"
        new = end / f".{name}.json.new"
        with new.open("wb") as out:
            out.write(msgspec.json.encode(result) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(beside)
        path.rename(end / name)


def _held(name: str, content: str, problem: str, envelope: Envelope | None = None) -> Result:
    return Result(
        id=f"mail-{content}",
        file=name,
        decision="flag",
        action="hold",
        source="reader",
        confidence=round(envelope.confidence, 3) if envelope else 0.0,
        doubts=(Doubt.UNREADABLE,),
        problem=problem,
    )


def main() -> None:
    """Watch a folder until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--node", action="append", required=True, help="the service; again for the next one")
    parser.add_argument("--key-file", type=Path, required=True, help="file of the API key, role mailroom")
    given = parser.parse_args()

    async def run() -> None:
        key = given.key_file.read_text().strip()
        async with Client(given.node, key, timeout=TIMEOUT, hedge_after=TIMEOUT / 3) as client:
            folder = HotFolder(given.folder, client)
            print(f"watching {given.folder}", flush=True)
            await folder.run()

    asyncio.run(run())


if __name__ == "__main__":
    main()
