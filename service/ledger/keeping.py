"""Where checkpoints are kept: in the file in the data folder and, where the operator says so, elsewhere.

One is due by the writer's count, when time is up and there is something new, and at the stop. The file is
written by whoever commits; every other place has a thread of its own, so that no commit waits for a network.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.ledger import checkpoints, heads
from service.ledger.heads import Head
from service.operations.sparing import Sparing
from service.storage.database import in_short

EVERY = 60.0
"""Seconds between checkpoints while there is something new: for so long what was recorded could be cut off
by somebody who brings back an older database."""
RETRY = 1.0
"""Seconds until the file is tried again."""
RETRY_ELSEWHERE = 5.0
MOST_WAITING = 1_000
"""Checkpoints that wait for a place elsewhere: half a day's. Beyond it the oldest are let go, for the newest
vouches for them."""
LAST_WAIT = 5.0
"""Seconds that a stop waits for the places elsewhere."""
ANSWER_WITHIN = 10.0
"""Seconds for who receives checkpoints."""

Monotonic = Callable[[], float]


class Courier:
    """The thread that brings checkpoints to one more place."""

    def __init__(self, name: str, send: Callable[[str], None]) -> None:
        """`send` brings one signed note there; what it raises is tried again."""
        self._name, self._send = name, send
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)
        self._turn = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._failures = Sparing("checkpoint_not_kept_elsewhere")
        self.failure: str | None = None
        """Why the last one is not there yet; None when it is. Holds neither addresses nor data."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Bring what waits there, for as long as a stop may take."""
        with self._turn:
            self._open = False
            self._turn.notify()
        self._thread.join(LAST_WAIT)

    def take(self, note: str) -> None:
        """One more."""
        with self._turn:
            self._waiting.append(note)
            self._turn.notify()

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._waiting or not self._open)
                if not self._waiting:
                    return
                note = self._waiting.popleft()
            if not self._sent(note):
                with self._turn:
                    if len(self._waiting) < MOST_WAITING:
                        self._waiting.appendleft(note)
                    if not self._open:
                        return
                    self._turn.wait_for(lambda: not self._open, RETRY_ELSEWHERE)

    def _sent(self, note: str) -> bool:
        try:
            self._send(note)
        except Exception as error:  # whatever it is, the next one may get there
            self.failure = f"{self._name}: {in_short(error)}"
            self._failures.note(self.failure)
            return False
        self.failure = None
        return True


def to_folder(folder: Path) -> Courier:
    """A second file in a folder on another disk or machine."""
    file = folder / checkpoints.FILE
    mended: list[bool] = []

    def send(note: str) -> None:
        if not mended:
            folder.mkdir(parents=True, exist_ok=True)
            checkpoints.mend(file)
            mended.append(True)
        checkpoints.add(file, note)

    return Courier("folder", send)


def to_url(url: str) -> Courier:
    """Whoever takes a POST with the signed note; any 2xx says that it was kept."""

    def send(note: str) -> None:
        import httpx  # loaded where there is a URL

        told = {"content-type": "text/plain; charset=utf-8"}
        answer = httpx.post(url, content=note.encode(), headers=told, timeout=ANSWER_WITHIN)
        if not answer.is_success:
            raise NotTakenError(str(answer.status_code))

    return Courier("URL", send)


class NotTakenError(Exception):
    """An answer that is none of success."""


class Keeping:
    """When a checkpoint is due, and everywhere that it goes. `take` and `keep` are one thread's at a time."""

    def __init__(
        self,
        folder: Path,
        key: Ed25519PublicKey,
        *,
        every: float = EVERY,
        couriers: tuple[Courier, ...] = (),
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """`folder` is that of the file, `key` what heads are signed with, `every` in seconds."""
        self._file, self._key = folder / checkpoints.FILE, key
        self._every, self._monotonic = every, monotonic
        self._couriers = couriers
        self._to_write: list[str] = []
        self._newest: Head | None = None
        self._kept_seq, self._kept_at = 0, monotonic()
        self._failure: str | None = None

    @property
    def failure(self) -> str | None:
        """Why checkpoints are behind somewhere. Holds neither addresses nor data."""
        return next(filter(None, [self._failure, *(courier.failure for courier in self._couriers)]), None)

    def start(self) -> None:
        """Make the file, or mend it, and begin to bring checkpoints elsewhere."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            checkpoints.mend(self._file)
        except OSError as error:
            self._failure = in_short(error)
        for courier in self._couriers:
            courier.start()

    def stop(self) -> None:
        """Bring what waits elsewhere there."""
        for courier in self._couriers:
            courier.stop()

    def take(self, head: Head, *, is_due: bool) -> None:
        """The end of the ledger at a commit; `is_due` for one to keep in any case."""
        if not head.origin:  # of before, and nothing was added since
            return
        self._newest = head
        if is_due:
            self._due()

    def due_in(self) -> float | None:
        """Seconds until there is something to do; None when nothing is."""
        if self._to_write:
            return RETRY
        if self._newest is None or self._newest.seq <= self._kept_seq:
            return None
        return max(0.0, self._kept_at + self._every - self._monotonic())

    def keep(self) -> None:
        """Write what is due; what fails is tried again."""
        if not self._to_write and self.due_in() == 0.0:
            self._due()
        try:
            while self._to_write:
                checkpoints.add(self._file, self._to_write[0])
                del self._to_write[0]
        except OSError as error:
            self._failure = in_short(error)
            del self._to_write[:-1]
        else:
            self._failure = None

    def _due(self) -> None:
        if self._newest is None:
            return
        note = heads.to_note(self._newest, self._key)
        self._kept_seq, self._kept_at = self._newest.seq, self._monotonic()
        self._to_write.append(note)
        for courier in self._couriers:
            courier.take(note)
