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

from adapters.mailroom.envelope import Envelope
from adapters.mailroom.images import ImageError
from engine.listing import LONGEST_CONTACT
from engine.model import Attempt
from engine.records import LONGEST_BODY, MOST_READINGS, InputError, check_attempt
from service.access.model import Principal
from service.check.deciding import Decider
from service.check.requests import request_key
from service.errors import InvalidError, NotAllowedError
from service.mail.items import By, Item, Items, Reading, attempt_id
from service.mail.reading import Read, Readers
from service.sealing import Vault

UNREAD = "no address could be read"
TOO_LONG = "the letter is too long to be read to its end"
MOST_ENCLOSED = 99


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer's eye sees on a letter and in it. Everything but the flags is a protected detail."""

    to: str
    prisoner: str | None
    also_to: tuple[str, ...] = ()
    enclosed: int = 0
    enclosures: tuple[str, ...] = ()
    privileged: bool = False


class Intake:
    """Takes pictures in and corrections of what was read. For one event loop."""

    def __init__(self, items: Items, readers: Readers, decider: Decider, vault: Vault) -> None:
        """`decider` is the checks' own."""
        self._items = items
        self._readers = readers
        self._decider = decider
        self._vault = vault

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
    ) -> Item:
        """One file: an envelope's front, its back, and the letter's pages behind them.

        `prisoner` goes before what stands on the envelope. `enclosed` letters were found inside: it is held
        until their addresses are typed. What cannot be read is held, and says why. Raises
        NotAllowedError, ConflictError, UnavailableError, InvalidError.
        """
        if not by.covers(establishment):
            raise NotAllowedError("this concerns a prison that is not among yours", "establishment")
        item = item_id(tray, data)
        known = await asyncio.to_thread(self._items.find, item)
        if known is not None:
            return known
        self._decider.screener()  # nothing is read that nobody could answer for
        try:
            read = await self._readers.read(data, privileged=privileged)
            reading = _reading(name, read, prisoner)
            confidence, pictures = read.envelope.confidence, read.pictures
            privileged = privileged or read.envelope.privileged
        except ImageError as error:
            reading = Reading(name=name, prisoner=prisoner, doubts=(UNREAD,), problem=str(error))
            confidence, pictures = 0.0, ()
        reading = msgspec.structs.replace(reading, enclosed=enclosed)
        asked = await self._ask(by, item, 1, reading, establishment, privileged, confidence, tray)
        return await asyncio.to_thread(self._items.add, by, asked, pictures, now)

    async def correct(self, by: Principal, before: Item, seen: Seen) -> Item:
        """What the officer's eye sees in the place of what the machine read, asked about at once.

        Raises as `take`, and ConflictError where somebody else was quicker.
        """
        if before.reading is None:
            raise InvalidError("its time is over: scan it again", "item")
        reading = msgspec.structs.replace(
            before.reading,
            to=seen.to,
            readings=(),
            also_to=seen.also_to,
            enclosed=max(seen.enclosed, len(seen.enclosures)),
            enclosures=seen.enclosures,
            prisoner=seen.prisoner,
            doubts=tuple(doubt for doubt in before.reading.doubts if doubt == TOO_LONG),
            problem=None,
            by=By.OFFICER,
            body="" if seen.privileged else before.reading.body,
        )
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
    ) -> Item:
        asked = Attempt(
            id=attempt_id(item, version),
            channel="letter",
            to=reading.to,
            prisoner=reading.prisoner,
            establishment=establishment,
            body=reading.body or None,
            readings=reading.readings,
            also_to=(*reading.also_to, *reading.enclosures),
            doubts=(*reading.doubts, *_unseen(reading)),
            privileged=privileged,
        )
        try:
            check_attempt(asked)
        except InputError as error:
            field, _, what = str(error).partition(": ")
            raise InvalidError(what, field) from None
        deciding = self._decider.attempt(by, asked, self._decider.screener())
        decision = await self._decider.recorded(deciding)
        key = request_key(self._vault, by.id, "letter", asked.id)
        return Item(
            id=item,
            tray=tray,
            place=0,
            establishment=establishment,
            taken_at=datetime.min,
            version=version,
            subject=f"attempt/{key.hex()}",
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


def _reading(name: str, read: Read, prisoner: str | None) -> Reading:
    envelope = read.envelope
    return Reading(
        name=name,
        to=envelope.to[:LONGEST_CONTACT],
        readings=tuple(text[:LONGEST_CONTACT] for text in envelope.readings[:MOST_READINGS]),
        also_to=tuple(text[:LONGEST_CONTACT] for text in envelope.also_to[:MOST_READINGS]),
        sender=envelope.sender,
        prisoner=prisoner or envelope.prisoner,
        body=read.body[:LONGEST_BODY],
        doubts=_doubts(envelope, read),
    )


def _unseen(reading: Reading) -> tuple[str, ...]:
    missing = reading.enclosed - len(reading.enclosures)
    return (f"enclosed letters without an address: {missing}",) if missing > 0 else ()


def _doubts(envelope: Envelope, read: Read) -> tuple[str, ...]:
    doubts = [doubt.in_words for doubt in envelope.doubts]
    if read.paid_to is not None:
        doubts.append("the postage was bought for another postcode")
    if read.is_cut or len(read.body) > LONGEST_BODY:
        doubts.append(TOO_LONG)
    if len(envelope.to) > LONGEST_CONTACT:
        doubts.append("more writing than an address has")
    return tuple(doubts)
