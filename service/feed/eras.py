"""The feed begins anew where the centre is not what it was: an operator says so, and the centre signs it.

A centre that was restored from an older back-up numbers its changes as it did before. Nodes have later ones,
so they take none of these, and the centre publishes nothing once it sees what they have: no list goes back to
an older one because somebody restored a database. A restored centre that sees nothing of the kind, since its
list is the same or Redis and the nodes are not there yet, publishes nothing either until somebody has looked:
what was done since the back-up is not in it. `nocontact feed-anew` puts a link of a later **era** into
the chain. Nodes take that with a whole signed snapshot alone, and after it nothing of an earlier era.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, insert, select

from service.access.model import Principal
from service.feed import messages
from service.feed.changes import UNKNOWN, FeedLink
from service.feed.installations import forget_places
from service.feed.messages import Beat, Change, OtherKeyError, Signed
from service.feed.tables import feed_change, node
from service.ledger import search
from service.registry.journal import Journal

SUBJECT, BEGUN = "feed", "begun anew"
"""Of the ledger's record."""
LATER_KEYS = 100
"""Keys that the feed may have had beyond those that a restored database knows of: one for each node that was
withdrawn since the back-up."""
BACKUP, RESTORED = "backup", "restored"
"""Of the ledger's record of a restore."""


class RestoredDetail(msgspec.Struct, frozen=True):
    """What the ledger says of a restore."""

    nodes_go_on: bool = False
    """Whether there were nodes, or something was published: they may have what this centre has not. A version
    of before did not say so, and its restored centres have long published."""


_restored = msgspec.json.Decoder(RestoredDetail)
_Opened = TypeVar("_Opened")


class OlderCentreError(Exception):
    """Something was published that this centre does not have: it was restored, or lost what it committed."""

    def __init__(
        self, shown_by: Iterable[str], words: str = "nodes have changes that this centre has not"
    ) -> None:
        """`shown_by` are the nodes that have it, or what carries the feed."""
        self.shown_by = ", ".join(shown_by)
        told = f"{words} ({self.shown_by})" if self.shown_by else words
        super().__init__(f"{told}: see `nocontact feed-anew`")


class RestoredCentreError(OlderCentreError):
    """It was restored, and nobody has said since that the list is right as it is."""

    def __init__(self) -> None:
        super().__init__((), "this centre was restored, and nodes keep what they have")


def restored_detail(connection: Connection) -> RestoredDetail:
    """Of a database that was just restored."""
    has = (
        connection.execute(select(column).limit(1)).first() for column in (feed_change.c.number, node.c.name)
    )
    return RestoredDetail(any(row is not None for row in has))


class Chain:
    """The links that are written down. Safe to share between threads."""

    def __init__(self, journal: Journal, epoch: Callable[[], int]) -> None:
        """`epoch` says which key the feed has now (`Nodes.epoch`)."""
        self._journal, self._epoch = journal, epoch

    def newest(self) -> int:
        """The number of the last link; 0 before the first."""
        with self._journal.database.read() as connection:
            return connection.execute(select(func.max(feed_change.c.number))).scalar() or 0

    def last(self) -> FeedLink:
        """The last link. Raises FeedError where it was changed in the database."""
        newest = select(func.max(feed_change.c.number)).scalar_subquery()
        with self._journal.database.read() as connection:
            row = connection.execute(select(feed_change).where(feed_change.c.number == newest)).one_or_none()
        if row is None:
            return FeedLink()
        signed = messages.decode(row.carried)
        return _link(self.opened(signed), signed)

    def write(self, change: Change) -> FeedLink:
        """One more. Raises SQLAlchemyError: IntegrityError where another process wrote that number."""
        vault, at = self._journal.vault, self._journal.clock()
        signed = messages.make_change(vault, vault.feed_key(self._epoch()), change)
        row = {"number": change.number, "carried": messages.encode(signed), "at": at}
        with self._journal.database.write() as connection:
            connection.execute(insert(feed_change), row)
        return _link(change, signed)

    def expect_no_restore(self) -> None:
        """Raises RestoredCentreError where the centre was restored, and the feed not begun anew since."""
        with self._journal.database.read() as connection:
            restored = search.search(connection, subject=BACKUP, outcome=RESTORED, limit=1)
            begun = search.search(connection, subject=SUBJECT, outcome=BEGUN, limit=1)
        if not restored or not _restored.decode(restored[0].detail).nodes_go_on:
            return
        if not begun or begun[0].seq < restored[0].seq:
            raise RestoredCentreError

    def hashes(self, until: int, most: int) -> dict[int, str]:
        """Of the last links up to a number, so many."""
        wanted = (
            select(feed_change.c.number, feed_change.c.carried)
            .where(feed_change.c.number <= until, feed_change.c.number > until - most)
            .order_by(feed_change.c.number)
        )
        with self._journal.database.read() as connection:
            return {
                row.number: messages.decode(row.carried).hash
                for row in connection.execute(wanted.execution_options(yield_per=50))
            }

    def opened(self, signed: Signed) -> Change:
        """A change that was made here, under whichever key the feed had. Raises FeedError."""
        return self._opened(signed, messages.open_change)

    def beat(self, carried: bytes) -> Beat:
        """A beat that was made here, under whichever key. Raises FeedError: nobody else can make one."""
        return self._opened(messages.decode(carried), messages.open_beat)

    def _opened(
        self, signed: Signed, opening: Callable[[Ed25519PublicKey, bytes, Signed], _Opened]
    ) -> _Opened:
        vault, epoch = self._journal.vault, self._epoch()
        for one in (*range(epoch, 0, -1), *range(epoch + 1, epoch + LATER_KEYS)):
            with suppress(OtherKeyError):
                return opening(vault.public_key, vault.feed_key(one), signed)
        return opening(vault.public_key, vault.feed_key(0), signed)

    def begin_anew(self, by: Principal, why: str) -> FeedLink:
        """A link of a later era than any before, and its record. Raises as `last` and `write`.

        The time makes it later than eras that a restored database does not know of.
        """
        last, at = self.last(), self._journal.clock()
        change = Change(
            era=max(last.era + 1, int(at.timestamp())),
            number=last.number + 1,
            before=UNKNOWN,
            reaches=last.reaches,
            at=at.timestamp(),
            restrictions=last.restrictions,
        )
        link = self.write(change)
        with self._journal.write() as connection:
            record = self._journal.record(by.id, SUBJECT, BEGUN, era=link.era, number=link.number, why=why)
            self._journal.append(connection, [record])
            forget_places(connection)
        return link


def _link(change: Change, signed: Signed) -> FeedLink:
    return FeedLink(change.number, signed.hash, change.reaches, change.restrictions, change.era)
