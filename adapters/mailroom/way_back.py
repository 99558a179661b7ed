"""Pictures that were held move on when a reviewer has decided: from `flag/` into `allow/` or `block/`.

The service says what became of each item of a tray. Each moment is safe to be interrupted: the new JSON file
goes into its end, then the picture by one rename, and last the old JSON file goes. What is done by half is
gone on with. A picture of which there is another of the same item is left: the two letters look the same, and
the decision was about one of them. So is an answer of which the service does not know the tray. How many are
left for somebody to look at is told on stderr, whenever that changes.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from adapters.mailroom.client import Mailroom, MailroomError, RefusedError, Result
from adapters.mailroom.disk import keep
from engine.model import Verdict

HELD: Verdict = "flag"
ENDS: dict[str, Verdict] = {"post": "allow", "return": "block"}
"""Where a picture goes, by what is to be done with its letter."""
CAME_AGAIN = "came again after the first was let go: scan them again"
NO_TRAY = "of a tray that the service does not know"
ALIKE = "decided, with another picture that is the same: post one, scan the other again"
ACTIONS = {"post": "post", "return": "stop"}

_results = msgspec.json.Decoder(Result)


class WayBack:
    """Looks after one folder. For one program at a time."""

    def __init__(self, folder: Path, mailroom: Mailroom) -> None:
        """`folder` is the hot folder."""
        self._folder = folder
        self._mailroom = mailroom
        self._left: Counter[str] = Counter()

    async def step(self) -> int:
        """Move what was decided; gives how many. What cannot be moved keeps no other waiting.

        Raises OSError, MailroomError for the last that could not.
        """
        every = [(path, told) for path, told in self._told(HELD) if told.id]
        held = [(path, told) for path, told in every if not told.repeated]
        left = Counter({CAME_AGAIN: len(every) - len(held)})
        now: dict[str, str] = {}
        trouble: OSError | MailroomError | None = None
        for tray in sorted({told.tray for _, told in held}):
            try:
                now |= await self._mailroom.manifest(tray)
            except RefusedError:
                left[NO_TRAY] += sum(told.tray == tray for _, told in held)
            except MailroomError as error:
                trouble = error
        decided = [(path, told) for path, told in held if now.get(told.id) in ENDS]
        alike = self._alike() if decided else Counter()
        moved = 0
        for path, told in decided:
            if alike[told.id] > 1:
                left[ALIKE] += 1
                continue
            try:
                moved += self._move(path, told, now[told.id])
            except OSError as error:
                trouble = error
        self._tell_left(+left)
        if trouble is not None:
            raise trouble
        return moved

    def _tell_left(self, left: Counter[str]) -> None:
        if left and left != self._left:
            told = "; ".join(f"{count} {why}" for why, count in sorted(left.items()))
            print(f"left in flag/ for somebody to look at: {told}", file=sys.stderr, flush=True)
        self._left = left

    def _told(self, end: Verdict) -> Iterator[tuple[Path, Result]]:
        """The answers beside pictures in one end, and those whose picture went on without them."""
        for path in sorted((self._folder / end).glob("*.json")):
            with suppress(FileNotFoundError, msgspec.DecodeError):
                yield path, _results.decode(path.read_bytes())

    def _alike(self) -> Counter[str]:
        """How many pictures there are of each item."""
        every = (told for end in (HELD, *ENDS.values()) for told in self._told(end))
        return Counter(told.id for path, told in every if path.with_suffix("").exists())

    def _move(self, path: Path, told: Result, todo: str) -> bool:
        picture, end = path.with_suffix(""), self._folder / ENDS[todo]
        there = end / picture.name
        new = msgspec.structs.replace(told, action=ACTIONS[todo], reviewed=True)
        if picture.exists():
            if there.exists():
                raise FileExistsError  # put there by hand
            _write(end / path.name, new, self._folder / ".taking")
            picture.rename(there)
        elif not self._is_of(end / path.name, told.id):
            return False  # taken away by hand: its answer stays
        path.unlink()
        keep(end, path.parent)
        return True

    def _is_of(self, path: Path, item: str) -> bool:
        try:
            return _results.decode(path.read_bytes()).id == item
        except (FileNotFoundError, msgspec.DecodeError):
            return False


def _write(path: Path, told: Result, beside: Path) -> None:
    """A whole file, or none."""
    new = beside / ".moved.json.new"
    with new.open("wb") as out:
        out.write(msgspec.json.encode(told) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)
    keep(path.parent)
