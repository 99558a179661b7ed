"""Letters that a node holds: kept as the centre keeps its own, their pictures until the centre has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select

from service.access.model import Principal
from service.ledger.record import ledger
from service.ledger.writer import Beside
from service.mail.intake import CANARIES
from service.mail.items import Items, MailItem, picture_context
from service.mail.tables import mail_asked, mail_picture
from service.storage import rows


class HeldPicture(NamedTuple):
    """A page that the centre has not got, and which record of this node it belongs to."""

    item: str
    page: int
    subject: str
    at: datetime


class NodeItems(Items):
    """Keeps them. Safe to share between threads."""

    def adding(self, by: Principal, item: MailItem, pictures: tuple[bytes, ...], now: datetime) -> Beside:
        """As at the centre; a picture is kept of what somebody has to look at alone."""
        is_looked_at = item.decision == "flag" and item.tray != CANARIES
        return super().adding(by, item, pictures if is_looked_at else (), now)

    def pictures_waiting(self) -> int:
        """How many pages the centre has not got."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(mail_picture)).scalar_one()

    def next_pictures(self, until: int, most: int) -> Iterator[HeldPicture]:
        """The first pages of records up to this number."""
        of_item = mail_asked.c.item == mail_picture.c.item
        columns: list[Any] = [mail_picture.c.page, *mail_asked.columns, ledger.c.subject, ledger.c.at]
        wanted = (
            select(*columns)
            .join(mail_asked, of_item)
            .join(ledger, ledger.c.seq == mail_asked.c.seq)
            .where(mail_asked.c.seq <= until)
            .order_by(mail_asked.c.seq, mail_picture.c.page)
            .limit(most)
        )
        with self._database.read() as connection:
            found = connection.execute(wanted).all()
        for row in found:
            if rows.holds(self._vault, mail_asked, row):
                yield HeldPicture(row.item, row.page, row.subject, row.at)

    def picture(self, one: HeldPicture) -> bytes:
        """One page as JPEG. Raises SealError, LookupError where it is gone."""
        this = (mail_picture.c.item == one.item, mail_picture.c.page == one.page)
        with self._database.read() as connection:
            sealed = connection.execute(select(mail_picture.c.sealed).where(*this)).scalar_one_or_none()
        if sealed is None:
            raise LookupError
        return self._vault.open(sealed, picture_context(one.item, one.page))

    def sent(self, one: HeldPicture) -> None:
        """The centre has it: it is kept here no longer."""
        this = (mail_picture.c.item == one.item, mail_picture.c.page == one.page)
        with self._database.write() as connection:
            connection.execute(delete(mail_picture).where(*this))
