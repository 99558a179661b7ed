"""What brings the feed to a node's list: reads Redis, asks for what is missing, and reports what came of it.

Redis is believed in nothing. Where it cannot be reached the list stays, grows older, and is told of; the
thread tries again for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import structlog

from service.feed import canaries
from service.feed.messages import (
    BEAT,
    CHANGES,
    MESSAGE,
    NODE,
    REPORT,
    REPORTS,
    SNAPSHOT,
    Report,
    make_report,
)
from service.node.followed import GapError
from service.node.keys import WithdrawnError
from service.node.list_in_force import FollowedList
from service.node.telling import Telling
from service.operations.clock import Clock
from service.operations.sparing import Sparing

BLOCK = 0.5
"""Seconds that one reading waits for changes; what comes meanwhile is there at once."""
AT_ONCE = 500
"""Changes of one reading: they are put in force together."""
BEAT_EVERY = 1.0
SNAPSHOT_EVERY = 2.0
"""Seconds between two tries at a snapshot: it is the whole list."""
SNAPSHOT_PATIENCE = 120.0
LATE = 2.0
"""Seconds for which the centre may be ahead before it counts as a gap: a change takes milliseconds."""
REPORT_EVERY = 5.0
RETRY = 0.5
KEYS_EVERY = 5.0
URL_EVERY = 30.0

_log = structlog.get_logger(__name__)


class Connect(Protocol):
    """Makes a client of Redis."""

    def __call__(self, patience: float) -> Any:
        """One whose answers may take `patience` seconds; it opens nothing yet."""


class Follower:
    """The thread."""

    def __init__(
        self,
        name: str,
        node_key: bytes,
        followed: FollowedList,
        connect: Connect | None,
        telling: Telling,
        *,
        keys: Callable[[], bytes | None] = lambda: None,
        waiting: Callable[[], int] = lambda: 0,
        snapshot_url: str | None = None,
        canaries_seen: Callable[[], bytes] = lambda: b"",
        software: str = "",
        moved: Callable[[], None] = lambda: None,
        troubles: Callable[[], tuple[str, ...]] = lambda: (),
        clock: Clock | None = None,
    ) -> None:
        """`keys` asks the centre for the feed's key anew. `waiting` says how many records are not forwarded,
        `canaries_seen` what became of the canaries, packed, `troubles` what is wrong beside the feed. `clock`
        is held against the centre's. `moved` is called once another list is in force."""
        self._name, self._node_key = name, node_key
        self._list = followed
        self._connect = connect
        self._redis: Any = None
        self._patient: Any = None
        self._telling = telling
        self._keys, self._waiting = keys, waiting
        self._canaries = canaries_seen
        self._url, self._tag = snapshot_url, ""
        self._software = software
        self._moved = moved
        self._troubles = troubles
        self._clock, self._told_of_clock = clock or Clock(), ""
        self._after: str | None = None
        self._has_gap = False
        self._ahead_since: float | None = None
        self._due: dict[str, float] = {}
        self._told: tuple[object, ...] = ()
        self._failures = Sparing("feed_not_followed")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: str | None = None
        """Why Redis is not read; None when it is."""

    def start(self) -> None:
        """Begin."""
        have = self._list.followed
        is_other = have is not None and (have.unknown or self._list.is_of_others)
        self._has_gap = bool(is_other)  # this version may know what that one did not, or holds more
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and note how old the list is."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._list.keep(now=True)
        if self._redis is not None and self.failure is None:
            with suppress(Exception):  # the centre learns it later: this node is silent then
                self._report(ended=True)
        self._close()

    def step(self) -> None:
        """Wait a moment for what comes, and take it. Raises what Redis raises.

        Whatever cannot be done here, as on a full disk, is reported all the same.
        """
        try:
            if self._connect is None:
                self._stop.wait(BLOCK)
            else:
                self._redis = self._redis or self._connect(BLOCK + 5.0)
                if self._list.followed is None or self._has_gap:
                    self._ask_for_snapshot()
                self._read_changes()
                self._read_beat()
            self._look_after()
        finally:
            if self._redis is not None:
                self._report()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.step()
                self.failure = None
            except Exception as error:  # of Redis or whatever it is: the list stays, and the thread goes on
                self.failure = type(error).__name__
                self._failures.note(self.failure)
                self._close()
                self._look_after(guarded=True)
                self._stop.wait(RETRY)

    def _read_changes(self) -> None:
        if self._list.followed is None:
            self._stop.wait(BLOCK)
            return
        after = self._after or f"{self._list.number}-0"
        found = self._redis.xread({CHANGES: after}, count=AT_ONCE, block=round(BLOCK * 1000))
        if not found:
            return
        entries = found[0][1] if isinstance(found, list) else next(iter(found.values()))[0]
        carried = [fields.get(MESSAGE.encode(), b"") for _, fields in entries]
        before = self._list.number
        try:
            self._list.take(carried)
            self._after = entries[-1][0].decode()
        except GapError:
            self._has_gap, self._after = True, None
            self._stop.wait(RETRY)
        if self._list.number != before:
            self._moved()

    def _ask_for_snapshot(self) -> None:
        if not self._is_due("snapshot", SNAPSHOT_EVERY):
            return
        self._patient = self._patient or (self._connect(SNAPSHOT_PATIENCE) if self._connect else None)
        assert self._patient is not None  # noqa: S101 - there is Redis where this is called
        carried = self._patient.get(SNAPSHOT)
        if carried is not None:
            self._offer(carried)

    def _offer(self, carried: bytes) -> None:
        if self._list.offer(carried):
            self._has_gap, self._after = False, None
            self._moved()
            _log.info("snapshot_taken", seq=self._list.number)

    def _read_beat(self) -> None:
        if not self._is_due("beat", BEAT_EVERY):
            return
        carried = self._redis.get(BEAT)
        if carried is not None and (beat := self._list.hear(carried)) is not None:
            self._telling.hear(beat, carried, self._list.followed)
        if not self._list.ahead:
            self._ahead_since = None
            return
        now = time.monotonic()
        self._ahead_since = self._ahead_since or now
        if now - self._ahead_since > LATE:  # they were taken out of the stream, or it was emptied
            self._has_gap, self._after = True, None

    def _look_after(self, *, guarded: bool = False) -> None:
        """What has to be done whether or not Redis is there."""
        try:
            self._tell_clock()
            if self._list.wants_key and self._is_due("keys", KEYS_EVERY):
                self._ask_key()
            is_behind = self._connect is None or guarded or self._list.followed is None
            if self._url is not None and is_behind and self._is_due("url", URL_EVERY):
                self._ask_url(self._url)
            self._list.keep()
        except Exception as error:
            if not guarded:
                raise
            self._failures.note(type(error).__name__)

    def _ask_key(self) -> None:
        try:
            key = self._keys()
        except WithdrawnError:
            self._list.withdraw()
            return
        if key:
            self._list.take_key(key)
            self._after = None

    def _tell_clock(self) -> None:
        """In the log, once each time that it begins, becomes another, or ends."""
        trouble = self._clock.trouble or ""
        if trouble and trouble != self._told_of_clock:
            _log.warning("clock_apart", seconds=round(self._clock.apart.total_seconds()))
        elif self._told_of_clock and not trouble:
            _log.warning("clock_right_again")
        self._told_of_clock = trouble

    def _ask_url(self, url: str) -> None:
        import httpx

        headers = {"if-none-match": self._tag} if self._tag else {}
        answer = httpx.get(url, headers=headers, timeout=SNAPSHOT_PATIENCE)
        if answer.status_code == 200:
            self._tag = answer.headers.get("etag", "")
            self._offer(answer.content)

    def _report(self, *, ended: bool = False) -> None:
        """At once when there is something new, else every few seconds."""
        refused = self._list.refused
        seen, troubles, clock = self._canaries(), self._troubles(), self._clock.trouble
        told = (self._list.number, refused and (refused.number, refused.why), seen, troubles, clock, ended)
        if told == self._told and not self._is_due("report", REPORT_EVERY):
            return
        counter = self._telling.next()
        screener, have = self._list.screener, self._list.followed
        report = Report(
            era=have.era if have else 0,
            node=self._name,
            number=self._list.number,
            reaches=have.reaches if have else 0,
            blocklist=screener.blocklist.version if screener else "",
            refused=refused.number if refused else None,
            why=refused.why if refused else (have.not_known if have else "") or clock or "",
            own=have.prison if have else "",
            age=min(self._list.unheard, 1e9),
            waiting=self._waiting(),
            software=self._software,
            canaries=canaries.seal(self._node_key, self._name, seen),
            hash=have.hash if have else "",
            proof=self._telling.proof_of(have),
            instance=self._telling.instance,
            ended=ended,
            troubles=troubles,
            at=time.time(),
            counter=counter,
        )
        self._redis.xadd(REPORTS, {NODE: self._name, REPORT: make_report(self._node_key, report)})
        self._told = told
        self._due["report"] = time.monotonic() + REPORT_EVERY

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True

    def _close(self) -> None:
        for redis in (self._redis, self._patient):
            with suppress(Exception):  # whatever Redis does at the end, it is over
                if redis is not None:
                    redis.close()
        self._redis = self._patient = None
