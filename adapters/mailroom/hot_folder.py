"""A folder into which a scanner drops pictures of envelopes; each ends in `allow/`, `block/` or `flag/`.

    python -m adapters.mailroom.hot_folder FOLDER --node https://node:8085 --key-file key --tray MDI-tuesday

Beside each picture lies a small JSON file of the same name with the answer; it holds no address. The service
reads the picture and names it by its content, so that after a power cut it gets the same answer again and is
one item of its tray. Every moment is safe to be interrupted: a picture that nobody writes on any more goes
into a folder of its own in `.taking/`, where no other can come into its place; there it is read and answered;
then its JSON file goes into its end, and last the picture, each by one rename. What lies in `.taking/` at a
start is gone on with, and no picture is ever deleted. While the service cannot be reached, pictures wait: no
letter goes without an answer. A picture that cannot be moved keeps no other waiting. What is not taken, and
what is in the way, is counted and told on stderr, without a name. What was held moves on into `allow/` or
`block/` when a reviewer has decided.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from watchfiles import awatch

from adapters.mailroom.client import (
    Mailroom,
    MailroomError,
    RefusedError,
    Result,
    safe_name,
    shortened,
)
from adapters.mailroom.disk import keep
from adapters.mailroom.scans import LONGEST_FILE
from adapters.mailroom.way_back import WayBack
from engine.model import Verdict

SETTLED = 1.0
"""Seconds between two looks that saw no change, by our own clock: the scanner's may be an hour ahead."""
EVERY = 1.0
"""Seconds between looks: network folders tell nobody what is new in them."""
LONGEST_PAUSE = 60.0
"""Seconds between tries at most, each pause twice the last: a service that comes back is not run over."""
ASKED_EVERY = 15.0
"""Seconds between looks for what reviewers have decided; they take minutes."""
ENDS: tuple[Verdict, ...] = ("allow", "block", "flag")
LEFT = 60.0
"""Seconds without a change after which a file of any other ending is taken as well: no letter is left lying
for its name. A program that writes under such a name and renames has done so by then."""
ENDINGS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .tif .tiff .pdf .heic .heif .hif .avif .webp .gif .bmp .dib".split()
)
"""Of what scanners, cameras and telephones write. What a file is, its content says."""
OF_WINDOWS = frozenset({"thumbs.db", "desktop.ini"})
"""No letters. A Mac's begin with a dot."""
UNNAMEABLE = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})
"""What a file system says of a name that it does not take, with `.json` behind it."""
OF_ALL = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN}
)
"""Troubles that the next picture would have too."""
_IN_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EROFS: "the folder cannot be written",
    errno.EACCES: "this program may not read or move it",
    errno.EPERM: "this program may not read or move it",
    errno.EEXIST: "another file lies in its place",
}

_results = msgspec.json.Decoder(Result)


class HotFolder:
    """One folder and what is done with it. For one program at a time."""

    def __init__(
        self, folder: Path, mailroom: Mailroom, at_once: int = 2, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`at_once` pictures are sent side by side."""
        self._folder = folder
        self._taking = folder / ".taking"
        self._mailroom = mailroom
        self._at_once = at_once
        self._clock = clock
        self._looks: dict[Path, tuple[tuple[int, int], float]] = {}  # how it looks, and since when
        self._failed: Counter[Path] = Counter()
        self._left: Counter[str] = Counter()
        self._way_back = WayBack(folder, mailroom)
        self._asked_at = float("-inf")
        self._in_the_way = ""

    async def run(self) -> None:
        """Take pictures until it is cancelled. What is in the way is told on stderr, and tried again."""
        pause = EVERY
        while True:
            ended, trouble = await self.take_all()
            if not trouble:
                await self._bring_back()
            pause = min(2 * pause, LONGEST_PAUSE) if trouble and not ended else EVERY
            if trouble:
                print(f"{trouble}; again in {pause:.0f} s", file=sys.stderr, flush=True)
                await asyncio.sleep(pause)
            else:
                await self._something_new()

    async def take_all(self) -> tuple[int, str | None]:
        """Take what waits until something is in the way. Gives how many ended, and what was in the way."""
        ended: list[Result] = []
        troubles: Counter[str] = Counter()
        is_of_all = False
        try:
            rest = iter(self.waiting())
        except OSError as error:
            return 0, f"the folder cannot be read or written: {_in_words(error)}"

        async def work() -> None:
            nonlocal is_of_all
            for path in rest:
                try:
                    result = await self.take(path)
                    if result is not None:
                        ended.append(result)
                except FileNotFoundError:
                    pass  # somebody took it away
                except (OSError, MailroomError) as error:
                    troubles[_in_words(error)] += 1
                    self._failed[path] += 1
                    is_of_all |= isinstance(error, MailroomError) or error.errno in OF_ALL
                if is_of_all:
                    return

        await asyncio.gather(*(work() for _ in range(self._at_once)))
        if uncounted := sum(not result.id for result in ended):
            print(f"{uncounted} went to flag/ that the tray does not count", file=sys.stderr, flush=True)
        told = [
            f"{'a picture waits' if n == 1 else f'{n} pictures wait'}: {why}" for why, n in troubles.items()
        ]
        return len(ended), "; ".join(told) or None

    def waiting(self) -> list[Path]:
        """Files that nobody writes on any more, the oldest first; behind them what failed before.

        Folders and links are left where they are, and told. Raises OSError.
        """
        for name in (".taking", *ENDS):
            (self._folder / name).mkdir(exist_ok=True)
        pictures, left = _files(self._folder)
        self._tell_left(left)
        for place in [path for path in self._taking.iterdir() if path.is_dir() and not path.is_symlink()]:
            pictures += _files(place)[0]
            with suppress(OSError):
                place.rmdir()  # only if nothing is in it
        self._looks = {path: self._looks[path] for path in pictures if path in self._looks}
        self._failed = Counter({path: self._failed[path] for path in pictures})
        settled = []
        for path in pictures:
            with suppress(FileNotFoundError):
                if self._is_settled(path):
                    settled.append(path)
        return sorted(settled, key=lambda path: (self._failed[path], self._looks[path]))

    def _tell_left(self, left: Counter[str]) -> None:
        """How much is not taken, where that has changed."""
        if left and left != self._left:
            told = ", ".join(f"{count} {what}" for what, count in sorted(left.items()))
            print(f"left where they are, unread: {told}", file=sys.stderr, flush=True)
        self._left = left

    async def take(self, path: Path) -> Result | None:
        """One picture to its end. None: it has changed, and waits. Raises OSError, MailroomError."""
        if not self._is_settled(path):
            return None
        picture = path if path.parent.parent == self._taking else self._claim(path)
        result = self._told(picture)
        if result is None:
            if not self._is_settled(picture):
                return None  # another one, put there while this one was renamed
            result = await self._ask(picture)
            if not self._is_settled(picture):
                return None  # it was written on meanwhile: the answer is to something else
            self._tell(picture, result)
        self._end(picture, result)
        return result

    async def _bring_back(self) -> None:
        """Move on what a reviewer has decided, now and then. What is in the way of that is told when it
        changes, and keeps no new picture waiting."""
        if self._clock() - self._asked_at < ASKED_EVERY:
            return
        in_the_way = ""
        try:
            await self._way_back.step()
        except (OSError, MailroomError) as error:
            in_the_way = f"what was held waits: {_in_words(error)}"
        if in_the_way and in_the_way != self._in_the_way:
            print(in_the_way, file=sys.stderr, flush=True)
        self._in_the_way = in_the_way
        self._asked_at = self._clock()

    async def _something_new(self) -> None:
        """Until the system tells of a change, and no longer than EVERY."""
        try:
            watched = awatch(
                self._folder, recursive=False, rust_timeout=int(EVERY * 1000), yield_on_timeout=True
            )
            async for _ in watched:
                break
        except OSError:  # the folder is away
            await asyncio.sleep(EVERY)

    def _is_settled(self, path: Path) -> bool:
        found, now = path.stat(follow_symlinks=False), self._clock()
        look = (found.st_mtime_ns, found.st_size)
        if path not in self._looks or self._looks[path][0] != look:
            self._looks[path] = (look, now)
        return now - self._looks[path][1] >= (SETTLED if path.suffix.lower() in ENDINGS else LEFT)

    def _claim(self, path: Path) -> Path:
        """Rename it into a folder of its own. That is named, once, as the picture and its JSON will be."""
        try:
            place = self._place(shortened(path.name))
        except OSError as error:
            if error.errno not in UNNAMEABLE:
                raise
            place = self._place(f"letter{path.suffix if path.suffix.lower() in ENDINGS else ''}")
        picture = path.rename(place / path.name)
        keep(place, self._taking, self._folder)
        self._looks[picture] = self._looks.pop(path)
        return picture

    def _place(self, name: str) -> Path:
        """A new folder of this name, or of one beside which nothing stands yet. Raises OSError."""
        taken = [self._taking / name, *(self._folder / end / name for end in ENDS)]
        if any(one.exists() or one.with_name(f"{name}.json").exists() for one in taken):
            stem, ending = os.path.splitext(name)
            name = f"{stem}-{time.time_ns():x}{ending}"
        place = self._taking / name
        place.mkdir()
        return place

    def _told(self, picture: Path) -> Result | None:
        """The answer that was put into its end before a power cut: nobody else's can have the name."""
        for end in ENDS:
            with suppress(FileNotFoundError, msgspec.DecodeError):
                return _results.decode((self._folder / end / f"{picture.parent.name}.json").read_bytes())
        return None

    async def _ask(self, picture: Path) -> Result:
        with picture.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
            os.fsync(file.fileno())
        name, tray = picture.name, self._mailroom.tray
        try:
            return await self._mailroom.take(name, data)
        except RefusedError as error:  # no item of the tray
            return Result(
                id="", tray=tray, file=safe_name(name), decision="flag", action="hold", problem=str(error)
            )

    def _tell(self, picture: Path, result: Result) -> None:
        new, end = picture.parent / ".json.new", self._folder / result.decision
        with new.open("wb") as out:
            out.write(msgspec.json.encode(result) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(end / f"{picture.parent.name}.json")
        keep(end)

    def _end(self, picture: Path, result: Result) -> None:
        place, end = picture.parent, self._folder / result.decision
        if (end / place.name).exists():
            raise FileExistsError(errno.EEXIST, "put there by hand since")
        picture.rename(end / place.name)
        keep(end, place)
        with suppress(OSError):
            place.rmdir()


def _files(folder: Path) -> tuple[list[Path], Counter[str]]:
    """The files in it that are not hidden, and how many of what else is not."""
    files: list[Path] = []
    left: Counter[str] = Counter()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in ENDS or entry.name.lower() in OF_WINDOWS:
                continue
            if entry.is_file(follow_symlinks=False):
                files.append(Path(entry.path))
            else:
                left["links" if entry.is_symlink() else "folders" if entry.is_dir() else "devices"] += 1
    return files, left


def _in_words(error: OSError | MailroomError) -> str:
    if isinstance(error, MailroomError):
        return str(error)
    return _IN_WORDS.get(error.errno or 0, type(error).__name__)


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
            pause = EVERY
            while True:
                try:
                    await mailroom.begin(given.prison, given.expected)
                    break
                except MailroomError as error:
                    pause = min(2 * pause, LONGEST_PAUSE)
                    print(f"{error}; again in {pause:.0f} s", file=sys.stderr, flush=True)
                    await asyncio.sleep(pause)
            print(f"watching {given.folder}", flush=True)
            await HotFolder(given.folder, mailroom, given.at_once).run()

    asyncio.run(run())


if __name__ == "__main__":
    main()
