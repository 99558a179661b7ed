"""Pictures of letters that a node holds: sealed for the centre on the way, kept here for the reviewers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from service.errors import InvalidError, NotFoundError
from service.feed.api_messages import open_picture
from service.feed.nodes import EnrolledNode
from service.feed.records import ASKED_AT, record_key
from service.feed.tables import node_picture
from service.ledger import search
from service.ledger.record import ledger
from service.storage.database import Database
from service.storage.sealing import SealError, Vault

JPEG = b"\xff\xd8\xff"
PAGES = 2
"""An envelope's sides."""


class NodePictures:
    """Takes them in, and gives them to who looks at the flag. Safe to share between threads."""

    def __init__(self, database: Database, vault: Vault, keep: timedelta) -> None:
        """`keep` is how long each is kept."""
        self._database, self._vault, self._keep = database, vault, keep

    def take(
        self, node: EnrolledNode, subject: str, at: datetime, page: int, sealed: bytes, now: datetime
    ) -> None:
        """One page of the letter that the node's record is about; on the disk when this returns. Twice is
        once.

        Raises NotFoundError while the centre has not got that record, InvalidError for what it never takes.
        """
        try:
            picture = open_picture(self._vault.node_key(node.name), subject, at, page, sealed)
            key = record_key(self._vault, node.name, subject, at)
        except (SealError, ValueError):
            raise InvalidError("it cannot be opened", "body") from None
        if not picture.startswith(JPEG):
            raise InvalidError("no JPEG", "body")
        with self._database.write() as connection:
            seq = search.answered_seq(connection, key)
            if seq is None:
                raise NotFoundError("this decision has not come in yet")
            record = search.answered_record(connection, seq, key)
            if record.channel != "letter" or record.outcome != "flag":
                raise InvalidError("this is no letter that is held", "subject")
            this = (node_picture.c.seq == seq, node_picture.c.page == page)
            if connection.execute(select(node_picture.c.seq).where(*this)).first() is None:
                kept = self._vault.seal(picture, _page(seq, page))
                values = {"seq": seq, "page": page, "keep_until": now + self._keep, "sealed": kept}
                connection.execute(insert(node_picture).values(**values))

    def of(self, seq: int) -> list[bytes]:
        """The pages of the letter that a record is about, as JPEG; none before they came, and when their time
        was over. Raises SealError."""
        wanted = select(node_picture).where(node_picture.c.seq == seq).order_by(node_picture.c.page)
        with self._database.read() as connection:
            found = connection.execute(wanted).all()
        return [self._vault.open(row.sealed, _page(seq, row.page)) for row in found]

    def lacking(self, seqs: Collection[int]) -> set[int]:
        """Of these records those of a node's letters without a picture here: it has not come yet, there was
        none, or it was lost with what this service had before it was restored."""
        pages = select(node_picture.c.seq).where(node_picture.c.seq == ledger.c.seq)
        wanted = select(ledger.c.seq).where(
            ledger.c.seq.in_(seqs),
            ledger.c.channel == "letter",
            ledger.c.actor.startswith(ASKED_AT, autoescape=True),
            ~pages.exists(),
        )
        with self._database.read() as connection:
            return set(connection.execute(wanted).scalars())

    def forget(self, now: datetime) -> int:
        """Delete those whose time is over; gives how many pages."""
        with self._database.write() as connection:
            return connection.execute(delete(node_picture).where(node_picture.c.keep_until <= now)).rowcount


def _page(seq: int, page: int) -> str:
    """What a picture is sealed for."""
    return f"node/picture/{seq}/{page}"
