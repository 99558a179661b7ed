"""A picture in, an answer out: read, asked about as every letter is, and kept sealed.

An item is named by its content and its tray. The same picture again, after a power cut or a lost answer, is
the same item with the same answer, and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import datetime

import msgspec

from adapters.mailroom.scans import ImageError
from engine.jsonl import InputError, check_attempt
from service.access.model import Principal
from service.check.deciding import Decider
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.mail.attempt import UNREAD, Seen, attempt_of, machine_read, officer_saw
from service.mail.items import Items, MailItem, Reading
from service.mail.reading import Readers

CAME_AGAIN = "an officer typed what the same picture says before: another letter may look like it"
NOT_KNOWN = "the sender's number is of nobody who is known here"
MOST_ENCLOSED = 99


class Intake:
    """Takes pictures in and corrections of what was read. For one event loop."""

    def __init__(self, items: Items, readers: Readers, decider: Decider) -> None:
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
        item = await asyncio.to_thread(item_id, tray, data)
        known = await asyncio.to_thread(self._items.find, item)
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
        reading = msgspec.structs.replace(reading, enclosed=enclosed)
        asked = await self._ask(by, item, 1, reading, establishment, privileged, confidence, tray)
        return await asyncio.to_thread(self._items.add, by, asked, pictures, now)

    async def correct(self, by: Principal, before: MailItem, seen: Seen) -> MailItem:
        """What the officer's eye sees in the place of what the machine read, asked about at once.

        Raises as `take`, and ConflictError where somebody else was quicker.
        """
        if before.reading is None:
            raise InvalidError("its time is over: scan it again", "item")
        reading = officer_saw(before, before.reading, seen)
        version = before.version + 1
        after = await self._ask(
            by, before.id, version, reading, before.establishment, seen.privileged, 1.0, before.tray
        )
        await asyncio.to_thread(self._items.correct, before, after)
        return msgspec.structs.replace(after, place=before.place)

    async def _ask(
        self,
        by: Principal,
        item: str,
        version: int,
        reading: Reading,
        establishment: str | None,
        privileged: bool,
        confidence: float,
        tray: str,
    ) -> MailItem:
        asked = attempt_of(item, version, reading, establishment, privileged)
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
            return await self._ask(by, item, version, reading, establishment, privileged, confidence, tray)
        decision = await self._decider.recorded(deciding)
        return MailItem(
            id=item,
            tray=tray,
            place=0,
            establishment=establishment,
            taken_at=datetime.min,
            version=version,
            decision=decision.decision,
            action=decision.action,
            confidence=confidence,
            privileged=privileged,
            done_at=None,
            reading=msgspec.structs.replace(reading, decision=decision),
        )


def item_id(tray: str, data: bytes) -> str:
    """16 letters and digits that can be read aloud: 80 bits of the tray's name and the content."""
    digest = hashlib.sha256(tray.encode() + b"\0" + hashlib.sha256(data).digest()).digest()
    return base64.b32encode(digest[:10]).decode()


def _again(known: MailItem, prisoner: str | None, privileged: bool, enclosed: int) -> MailItem:
    """The answer to a picture that came before. Raises ConflictError where more is known of it now.

    Two blank scans are the same to the byte: what an officer typed for one letter does not let another go.
    """
    reading = known.reading
    if reading is None:
        return known
    if known.version == 1:
        for field, is_other in (
            ("x-prisoner", prisoner is not None and prisoner != reading.prisoner),
            ("x-privileged", privileged and not known.privileged),
            ("x-enclosed", enclosed != reading.enclosed),
        ):
            if is_other:
                raise ConflictError("sent with another value before: correct it at the station", field)
    elif known.decision == "allow":
        doubted = msgspec.structs.replace(reading, doubts=(*reading.doubts, CAME_AGAIN))
        return msgspec.structs.replace(known, decision="flag", action="hold", reading=doubted)
    return known
