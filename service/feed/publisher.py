"""Publishes the list to the nodes: each change written down first, then carried.

One of the serving processes leads. It makes each change from the list that it has itself in force, puts it
into the database, and only then gives it to the carrier; what stands in the database and not with the carrier
is carried by whoever leads next. The carrier may lose everything: it is put there anew, within a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from engine import saved
from service.blocklist.current import Current
from service.feed import messages
from service.feed.carrier import CARRIER_ERRORS, FeedCarrier
from service.feed.changes import UNKNOWN, FeedLink, InForce, next_change, snapshot_head
from service.feed.eras import Chain, OlderCentreError
from service.feed.leading import Leading
from service.feed.messages import START, Beat, FeedError
from service.feed.nodes import Nodes
from service.feed.tables import feed_change
from service.registry.registry import Registry
from service.storage.database import in_short
from service.storage.writing import write_whole

LOOK = 0.05
"""Seconds between looks for what another process changed: what changed here wakes it at once, and of the
150 ms in which half of all changes are to be in force everywhere this is what they wait at the most."""
BEAT_EVERY = 1.0
RETRY = 1.0
"""Seconds after something failed."""
SNAPSHOT_EVERY = 600.0
"""Seconds between two snapshots of a list that changes."""
SNAPSHOT_CHANGES = 1_000
"""Changes after which one is made in any case: what a node reads behind it takes it under a second."""
SNAPSHOT_AGAIN = 30.0
"""Seconds until another one for nodes that cannot go on: each of a million contact points is some 400 MB."""
SNAPSHOT_RETRY = 5.0
"""Seconds after one that could not be put there: each costs a moment of a processor, and memory."""
LEFT_BEHIND = 1_000
"""Changes that stay behind a snapshot, for nodes that are slow: they need not take all of it."""
LINKS_TOLD = 500
"""Links whose hashes a snapshot tells: a node that is further behind has nobody to compare itself with."""
CONFIRMED_WITHIN = 5.0
"""A list that was not known to be current for so many seconds is not said to be."""
HALTED = 5.0
"""Seconds by which the wall clock alone went on: the machine was halted, with its steady clock. Nodes would
hold all beats from then on to be so much late."""

READABLE = 0o666
"""Of the snapshot's file, less what the process's mask takes off: a web server hands it out, sealed."""

_log = structlog.get_logger(__name__)


class NewLinkError(Exception):
    """The chain has a link that this process did not write: it begins again from there."""


class Publisher:
    """The thread that publishes where this process leads. What it says of itself may be read from any."""

    def __init__(
        self,
        registry: Registry,
        current: Current,
        nodes: Nodes,
        carrier: FeedCarrier,
        *,
        snapshot_file: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`snapshot_file` gets each snapshot as well, for a web server to hand out."""
        self._registry, self._current, self._nodes, self._carrier = registry, current, nodes, carrier
        self._journal = registry.journal
        self._file = snapshot_file
        self._monotonic = monotonic
        self._leading = Leading(registry.journal.database)
        self._chain = Chain(registry.journal, lambda: self._nodes.epoch())
        self._lost: dict[str, Beat] = {}
        """What nodes showed of which the chain knows nothing, by node: signed by this centre itself."""
        self._end: FeedLink | None = None
        """The last link that is written down, whether or not more is published; None until it leads."""
        self._hashes: dict[int, str] = {}
        self._link: FeedLink | None = None
        self._listed: InForce | None = None
        """The list at the link."""
        self._epoch = 0
        self._term = self._tick = 0
        self._carried: int | None = None
        """The last change that the carrier has; None where that has to be asked."""
        self._beat_at = float("-inf")
        self._steady = 0.0
        self._steady_at: tuple[float, float] | None = None
        self._snapshot_at = float("-inf")
        self._snapshot_number = 0
        self._wants_snapshot = False
        self._snapshot_failed: str | None = None
        self._not_before = float("-inf")
        self._making: threading.Thread | None = None
        self._wanted = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.why_not: str | None = None
        """Why the newest list is not carried; None where it is, or another process leads. Holds no detail."""

    def start(self) -> None:
        """Begin."""
        self._stopping = False
        self._current.when_new = self._wanted.set
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; another process leads at once."""
        self._stopping = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.let_go()
        self._carrier.close()

    def let_go(self) -> None:
        """Lead no more."""
        if self._making is not None:
            self._making.join()
        self._leading.let_go()
        self._link = self._listed = self._carried = None
        self._know_nothing()

    @property
    def leads(self) -> bool:
        """Whether this process is the one that publishes, or says why nothing is published."""
        return self._end is not None

    @property
    def place(self) -> tuple[int, int]:
        """Era and number of the last change; (0, 0) where another process leads."""
        return self._end.place if self._end is not None else (0, 0)

    @property
    def number(self) -> int:
        """Of the last change that was published from here; 0 where another process leads."""
        return self._link.number if self._link is not None else 0

    def look_again(self) -> None:
        """Ask the carrier what it has, at the next step: it may have lost anything."""
        self._carried, self._beat_at = None, float("-inf")

    @property
    def is_making_snapshot(self) -> bool:
        """Whether one is under way."""
        return self._making is not None and self._making.is_alive()

    def somebody_refuses(self) -> None:
        """A node said that it cannot go on from what it has: it needs a snapshot."""
        if self._monotonic() - self._snapshot_at > SNAPSHOT_AGAIN:
            self._wants_snapshot = True
            self._wanted.set()

    def hash_of(self, number: int) -> str | None:
        """Of the chain's link of a number; None where it has none, or no more."""
        known = self._hashes
        if number and number not in known:
            known.update(self._chain.hashes(number, 1))
        return known.get(number) if number else START

    def lost(self, carried: bytes) -> Beat | None:
        """What a beat names that this centre signed, and has no more: it was restored, or its database lost
        what it had committed. None of every other one, and of what nobody here signed."""
        try:
            beat = self._chain.beat(carried)
        except FeedError:
            return None
        return beat if self._is_lost((beat.era, beat.number), beat.hash) else None

    def somebody_has(self, node: str, lost: Beat) -> None:
        """A node showed what is lost here: until the feed begins anew, or that node is withdrawn."""
        self._lost[node] = lost
        self._wanted.set()

    def step(self) -> None:
        """Publish what is new, once. Raises SQLAlchemyError, OlderCentreError, NewLinkError, and what the
        carrier raises."""
        if not self._leading.hold():
            self._link = self._listed = None
            self._know_nothing()
            self.why_not = None
            return
        if self._registry.last_change() > self._current.change:
            self._current.wake()
        now = self._current.stands
        if now is not None and self._write_down(InForce(*now)):
            self._carry()
            self._make_snapshot()
            self.why_not = self._snapshot_failed

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.step()
            except Exception as error:  # whatever it is, it is tried again: nodes go on meanwhile
                self._failed(error)
            self._wanted.wait(RETRY if self.why_not else LOOK)
            self._wanted.clear()

    def _failed(self, error: Exception) -> None:
        self.look_again()
        if isinstance(error, SQLAlchemyError):
            self._leading.let_go()
        if isinstance(error, SQLAlchemyError | OlderCentreError | NewLinkError):
            self._link = self._listed = None
        if isinstance(error, SQLAlchemyError | NewLinkError):
            self._know_nothing()
        if isinstance(error, OlderCentreError):
            told = str(error)
            if told != self.why_not:
                _log.error("feed_older_than_nodes", node=error.shown_by)
            self.why_not = told
            return
        why = "Redis" if isinstance(error, CARRIER_ERRORS) else "the feed"
        told = f"{why}: {in_short(error)}"
        if told != self.why_not:
            _log.error("feed_not_carried", error=in_short(error))
        self.why_not = told

    def _write_down(self, now: InForce) -> bool:
        """Write the next change where there is one. False while this process's list is behind the feed."""
        begins = self._link is None
        last = self._link or self._begun()
        self._expect_nothing_lost()
        if now.reaches < last.reaches:
            return False
        self._look_at_key(begins)
        listed = self._listed
        if listed is not None and (now.screener, now.reaches) == (listed.screener, listed.reaches):
            return True
        at = self._journal.clock()
        change = next_change(self._registry, now, last, at, whole=begins)
        link = last if change is None else self._chain.write(change)
        if begins:
            self._term, self._tick, self._wants_snapshot = link.number, 0, True
        if change is not None and change.before == UNKNOWN:
            self._wants_snapshot = True
        self._link, self._listed, self._end = link, now, link
        return True

    def _begun(self) -> FeedLink:
        """The last link, to go on from.

        Raises OlderCentreError where the carrier has one that is lost, or this centre was restored.
        """
        last = self._end = self._chain.last()
        self._hashes = {}
        self._chain.expect_no_restore()
        with suppress(*CARRIER_ERRORS):
            self._expect_no_lost_carried()
        return last

    def _know_nothing(self) -> None:
        """Another process leads, or the database may be another's."""
        self._end, self._hashes = None, {}

    def _is_lost(self, place: tuple[int, int], hash_: str) -> bool:
        """Whether the chain has no such link and should: of an earlier era nobody asks."""
        if self._end is None or place > self._end.place:
            return self._end is not None
        return place[0] == self._end.era and self.hash_of(place[1]) not in (None, hash_)

    def _expect_nothing_lost(self) -> None:
        """Raises OlderCentreError where a node that is not withdrawn has what is lost here."""
        if not self._lost:
            return
        standing = {one.name for one in self._nodes.standing()}
        for node, beat in [*self._lost.items()]:
            if node not in standing or not self._is_lost((beat.era, beat.number), beat.hash):
                self._lost.pop(node, None)
        if self._lost:
            self._link = self._listed = None  # it looks again whether an operator let the feed begin anew
            raise OlderCentreError(sorted(self._lost))

    def _expect_no_lost_carried(self) -> None:
        """Raises OlderCentreError where the carrier's newest link was signed here and is lost."""
        carried = self._carrier.newest()
        try:
            signed = messages.decode(carried) if carried else None
            change = self._chain.opened(signed) if signed is not None else None
        except FeedError:
            return
        if signed is not None and change and self._is_lost((change.era, change.number), signed.hash):
            raise OlderCentreError(["Redis"])

    def _look_at_key(self, begins: bool) -> None:
        """See whether a node was withdrawn: then all that comes is sealed anew; and whether an operator lets
        the feed begin anew."""
        if begins or self._monotonic() - self._beat_at >= BEAT_EVERY:
            if not begins and self._chain.newest() != self.number:
                raise NewLinkError("another process wrote a link")
            epoch = self._nodes.epoch()
            if epoch != self._epoch:
                self._epoch, self._wants_snapshot = epoch, True

    def _carry(self) -> None:
        """Give the carrier what it has not got."""
        link = self._link
        if link is None:
            return
        is_due = self._monotonic() - self._beat_at >= BEAT_EVERY
        if is_due or self._carried is None:
            self._look_at_carrier(link)
        if self._carried != link.number:
            self._carrier.add(self._behind(self._carried or 0))
            self._carried, is_due = link.number, True
        if is_due:
            self._beat(link)

    def _look_at_carrier(self, link: FeedLink) -> None:
        """What it has; where something is gone, nodes may need what they had not read: a snapshot."""
        last = self._carrier.last()
        if last > link.number or last < 0:
            self._expect_no_lost_carried()
            self._carrier.clear()
            last = 0
        elif self._carried is None:  # it may have been away when this process began, with what is lost here
            self._expect_no_lost_carried()
        if last < (self._carried or 0) or not last or not self._carrier.has_snapshot():
            self._wants_snapshot = True
        self._carried = last

    def _behind(self, number: int) -> list[tuple[int, bytes]]:
        wanted = select(feed_change.c.number, feed_change.c.carried).where(feed_change.c.number > number)
        with self._journal.database.read() as connection:
            found = connection.execute(wanted.order_by(feed_change.c.number))
            return [(row.number, row.carried) for row in found]

    def _beat(self, link: FeedLink) -> None:
        """Say that the centre is there: not where its own list may be old."""
        confirmed = self._current.confirmed_at
        if confirmed is None or self._monotonic() - confirmed > CONFIRMED_WITHIN:
            return
        self._tick += 1
        beat = Beat(
            era=link.era,
            number=link.number,
            hash=link.hash,
            reaches=link.reaches,
            term=self._term,
            tick=self._tick,
            at=self._journal.clock().timestamp(),
            steady=self._steadily(),
        )
        vault = self._journal.vault
        self._carrier.beat(messages.encode(messages.make_beat(vault, vault.feed_key(self._epoch), beat)))
        self._beat_at = self._monotonic()

    def _steadily(self) -> float:
        """Seconds that have passed since the first beat of this process: never set back, and never behind."""
        now = self._monotonic(), self._journal.clock().timestamp()
        before, self._steady_at = self._steady_at or now, now
        passed, by_wall = now[0] - before[0], now[1] - before[1]
        self._steady += by_wall if by_wall > passed + HALTED else passed
        return self._steady

    def _make_snapshot(self) -> None:
        """Begin one where it is time, beside: a change never waits for it."""
        link, listed = self._link, self._listed
        if link is None or listed is None or self.is_making_snapshot or self._monotonic() < self._not_before:
            return
        behind = link.number - self._snapshot_number
        is_late = behind and self._monotonic() - self._snapshot_at >= SNAPSHOT_EVERY
        if not (self._wants_snapshot or is_late or behind >= SNAPSHOT_CHANGES):
            return
        self._wants_snapshot = False
        self._snapshot_at = self._monotonic()
        self._making = threading.Thread(
            target=self._snapshot, args=(link, listed, self._epoch), name="snapshot", daemon=True
        )
        self._making.start()

    def _snapshot(self, link: FeedLink, listed: InForce, epoch: int) -> None:
        vault, at = self._journal.vault, self._journal.clock()
        try:
            links = self._chain.hashes(link.number, LINKS_TOLD)
            head = snapshot_head(self._registry, listed, link, at, links)
            blocklist = saved.save(listed.screener.blocklist)
            carried = messages.encode(messages.make_snapshot(vault, vault.feed_key(epoch), head, blocklist))
            if self._file is not None:
                write_whole(self._file, carried, mode=READABLE)
            self._carrier.put_snapshot(carried)
            self._snapshot_number, self._snapshot_failed = link.number, None
            if link.number > LEFT_BEHIND:
                self._forget(link.number - LEFT_BEHIND, at)
        except Exception as error:
            _log.error("snapshot_not_made", error=in_short(error))
            self._snapshot_failed = f"the snapshot: {in_short(error)}"
            self._not_before = self._monotonic() + SNAPSHOT_RETRY
            self._wants_snapshot = True

    def _forget(self, number: int, at: datetime) -> None:
        """Take away the changes before this one that nobody can need, and not the last minutes'."""
        before = at - timedelta(seconds=SNAPSHOT_EVERY)
        old = (feed_change.c.number < number, feed_change.c.at < before)
        with self._journal.database.write() as connection:
            connection.execute(delete(feed_change).where(*old))
        self._carrier.forget_before(number)
