"""A picture in, an answer out: read, asked about as every letter is, and kept sealed.

An item is named by its content and its tray. The same picture again, after a power cut or a lost answer, is
the same item with the same answer, and nothing is done twice; after a person let that go, it is an item of
its own, which a person has to look at.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Protocol

import msgspec

from adapters.mailroom.scans import ImageError
from engine.canary import tried_by_us
from engine.jsonl import InputError, check_attempt
from engine.model import Decision
from service.access.model import Principal
from service.check.deciding import Decider
from service.errors import ConflictError, InvalidError, NotAllowedError, UnavailableError
from service.ledger.writer import Beside
from service.mail.attempt import UNREAD, Seen, attempt_of, machine_read, officer_saw
from service.mail.items import Items, MailItem, Reading
from service.mail.reading import Read
from service.mail.standing import Todo
from service.review.model import Standing

CAME_AGAIN = "somebody let the same picture go before: another letter may look like it"
NOT_KNOWN = "the sender's number is of nobody who is known here"
CANARIES = "canaries"
"""The tray of their envelopes, which nobody began: they count in no other, since there is no letter."""
MOST_ENCLOSED = 99


class FileReader(Protocol):
    """What reads pictures."""

    async def read(self, data: bytes, *, privileged: bool = False) -> Read:
        """What a file holds. Raises ImageError, UnavailableError."""
        ...


class Intake:
    """Takes pictures in and corrections of what was read. For one event loop."""

    def __init__(self, items: Items, readers: FileReader, decider: Decider) -> None:
        """`decider` is the checks' own."""
        self._items = items
        self._readers = readers
        self._decider = decider

    async def take(
        self,
        by: Principal,
        data: bytes,
        *,
        tray: str,
        name: str,
        now: datetime,
        prisoner: str | None = None,
        establishment: str | None = None,
        privileged: bool = False,
        enclosed: int = 0,
    ) -> MailItem:
        """One file: an envelope's front, its back, and the letter's pages behind them.

        `prisoner` goes before what stands on the envelope. `enclosed` letters were found inside: it is held
        until their addresses are typed. What cannot be read is held, and says why. Raises
        NotAllowedError, ConflictError, UnavailableError, InvalidError.
        """
        if not by.covers(establishment):
            raise NotAllowedError("this concerns a prison that is not among yours", "establishment")
        item, known, came_again = await asyncio.to_thread(self._find, tray, data)
        if known is None or known.todo is Todo.POST:  # what is posted and done with is not posted once more
            await asyncio.to_thread(self._items.require_open, tray)
        if known is not None:
            return _again(known, prisoner, privileged, enclosed)
        self._decider.screener()  # nothing is read that nobody could answer for
        try:
            read = await self._readers.read(data, privileged=privileged)
            reading = machine_read(name, read, prisoner)
            confidence, pictures = read.envelope.confidence, read.pictures
            privileged = privileged or read.envelope.privileged
        except ImageError as error:
            reading = Reading(name=name, prisoner=prisoner, doubts=(UNREAD,), problem=str(error))
            confidence, pictures = 0.0, ()
        doubts = (*reading.doubts, CAME_AGAIN) if came_again else reading.doubts
        reading = msgspec.structs.replace(reading, enclosed=enclosed, doubts=doubts)
        new = MailItem(
            id=item,
            tray=tray,
            place=0,
            establishment=establishment,
            taken_at=now,
            version=1,
            decision="flag",
            action="hold",
            confidence=confidence,
            privileged=privileged,
            done_at=None,
            reading=reading,
        )

        def adding(asked: MailItem) -> Beside:
            return self._items.adding(by, asked, pictures, now)

        try:
            return await self._ask(by, new, reading, adding)
        except ConflictError:
            known = await asyncio.to_thread(self._items.find, item)
            if known is None:
                raise
            return _again(known, prisoner, privileged, enclosed)

    def _find(self, tray: str, data: bytes) -> tuple[str, MailItem | None, bool]:
        """The item that a picture is, the one that is kept, and whether a person let others like it go.

        Two blank scans are the same to the byte: what an officer typed for one letter, or a reviewer
        released, does not let another go.
        """
        for before in count():
            item = item_id(tray, data, before)
            known = self._items.find(item)
            if known is None or not _was_let_go(known):
                return item, known, before > 0
        raise AssertionError

    async def correct(self, by: Principal, before: MailItem, seen: Seen) -> MailItem:
        """What the officer's eye sees in the place of what the machine read, asked about at once.

        Raises as `take`, and ConflictError where somebody else was quicker.
        """
        if before.reading is None:
            raise InvalidError("its time is over: scan it again", "item")
        reading = officer_saw(before, before.reading, seen)
        values = {"version": before.version + 1, "privileged": seen.privileged, "confidence": 1.0}
        after = msgspec.structs.replace(before, **values)
        return await self._ask(by, after, reading, lambda asked: self._items.correcting(before, asked))

    async def _ask(
        self, by: Principal, item: MailItem, reading: Reading, keeping: Callable[[MailItem], Beside]
    ) -> MailItem:
        """Ask about an item with this reading, and keep it in the transaction of its answer's record."""
        asked = attempt_of(item.id, item.version, reading, item.establishment, item.privileged)
        try:
            check_attempt(asked)
        except InputError as error:
            raise InvalidError(error.what, error.field) from None
        try:
            deciding = self._decider.attempt(by, asked, self._decider.screener())
        except NotAllowedError as error:
            if error.field != "prisoner" or reading.prisoner is None:
                raise
            doubts = (*reading.doubts, NOT_KNOWN)  # one letter must not keep the others of its folder waiting
            reading = msgspec.structs.replace(reading, prisoner=None, doubts=doubts)
            return await self._ask(by, item, reading, keeping)

        def keep(decision: Decision) -> Beside:
            told = msgspec.structs.replace(reading, decision=decision)
            met = [one.restriction for one in decision.reasons if one.restriction is not None]
            tray = CANARIES if tried_by_us(reading.prisoner, met) else item.tray
            values = {"decision": decision.decision, "action": decision.action, "reading": told}
            return keeping(msgspec.structs.replace(item, tray=tray, **values))

        await self._decider.recorded(deciding, keep)
        kept = await asyncio.to_thread(self._items.find, item.id)
        if kept is None:
            raise UnavailableError("it could not be kept")
        return kept


def item_id(tray: str, data: bytes, before: int = 0) -> str:
    """16 letters and digits that can be read aloud: 80 bits of the tray's name and the content, and of how
    many letters with this content went before."""
    content = hashlib.sha256(data).digest() + (b"%d" % before if before else b"")
    digest = hashlib.sha256(tray.encode() + b"\0" + content).digest()
    return base64.b32encode(digest[:10]).decode()


def _was_let_go(item: MailItem) -> bool:
    """Whether a person let it go, not the answer to the picture alone."""
    return item.standing is Standing.RELEASED or (item.standing is Standing.ALLOWED and item.version > 1)


def _again(known: MailItem, prisoner: str | None, privileged: bool, enclosed: int) -> MailItem:
    """The answer to a picture that came before. Raises ConflictError where more is known of it now."""
    reading = known.reading
    if reading is not None and known.version == 1:
        for field, is_other in (
            ("x-prisoner", prisoner is not None and prisoner != reading.prisoner),
            ("x-privileged", privileged and not known.privileged),
            ("x-enclosed", enclosed != reading.enclosed),
        ):
            if is_other:
                raise ConflictError("sent with another value before: correct it at the station", field)
    return known
