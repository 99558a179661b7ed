"""From what a machine read, and an officer typed, to what is asked: addresses, doubts, what settles them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from adapters.mailroom.barcodes import CodeKind
from adapters.mailroom.postcodes import postcode_of
from engine.jsonl import LONGEST_BODY, MOST_READINGS
from engine.listing import LONGEST_CONTACT
from engine.model import Attempt
from service.mail.items import By, MailItem, Reading, attempt_id
from service.mail.reading import Read

UNREAD = "no address could be read"
TOO_LONG = "the letter is too long to be read to its end"
UNREAD_PAGES = "a page of the letter could not be read"
NOT_READ = "the letter's text was not read: it was marked confidential"
WAS_STOPPED = "what was read at first was stopped"
STANDING = frozenset({TOO_LONG, UNREAD_PAGES, NOT_READ, WAS_STOPPED})
"""Doubts that an officer's typing does not settle; a reviewer has to."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer's eye sees on a letter and in it. Everything but the flags is a protected detail."""

    to: str
    prisoner: str | None
    also_to: tuple[str, ...] = ()
    enclosed: int = 0
    enclosures: tuple[str, ...] = ()
    privileged: bool = False
    is_confirmed: bool = False
    """Whether the officer says that `to` is what stands there, though the machine was not sure."""

    def __repr__(self) -> str:
        return f"Seen({len(self.to)} characters)"


def machine_read(name: str, read: Read, prisoner: str | None = None) -> Reading:
    """What the machine read of the file of this name. `prisoner` goes before what stands on the envelope."""
    envelope = read.envelope
    return Reading(
        name=name,
        to=envelope.to[:LONGEST_CONTACT],
        readings=tuple(text[:LONGEST_CONTACT] for text in envelope.readings[:MOST_READINGS]),
        also_to=tuple(text[:LONGEST_CONTACT] for text in envelope.also_to[:MOST_READINGS]),
        sender=envelope.sender,
        prisoner=prisoner or envelope.prisoner,
        body=read.body[:LONGEST_BODY],
        doubts=tuple(_doubts(read)),
        codes=tuple(code.kind for code in read.codes),
    )


def officer_saw(before: MailItem, reading: Reading, seen: Seen) -> Reading:
    """What the officer sees in the place of `reading`, which was the item's until now.

    The machine's doubts are settled by another address, or by the word that it is the right one. What it
    stopped is not let go by one person.
    """
    is_same = seen.to == reading.to and not seen.is_confirmed
    doubts = dict.fromkeys(doubt for doubt in reading.doubts if is_same or doubt in STANDING)
    if before.privileged and not seen.privileged:
        doubts[NOT_READ] = None
    if before.decision == "block":
        doubts[WAS_STOPPED] = None
    return msgspec.structs.replace(
        reading,
        to=seen.to,
        readings=reading.readings if is_same else (),
        also_to=seen.also_to,
        enclosed=max(seen.enclosed, len(seen.enclosures)),
        enclosures=seen.enclosures,
        prisoner=seen.prisoner,
        doubts=tuple(doubts),
        problem=None,
        by=By.OFFICER,
        body="" if seen.privileged else reading.body,
    )


def attempt_of(
    item: str, version: int, reading: Reading, establishment: str | None, privileged: bool
) -> Attempt:
    """What is asked about one version of an item."""
    missing = reading.enclosed - len(reading.enclosures)
    unseen = (f"enclosed letters without an address: {missing}",) if missing > 0 else ()
    asked = Attempt(
        id="",
        channel="letter",
        to=reading.to,
        prisoner=reading.prisoner,
        establishment=establishment,
        body=reading.body or None,
        readings=reading.readings,
        also_to=(*reading.also_to, *reading.enclosures),
        doubts=(*reading.doubts, *unseen),
        privileged=privileged,
    )
    return msgspec.structs.replace(asked, id=attempt_id(item, version, asked))


def _doubts(read: Read) -> Iterator[str]:
    envelope = read.envelope
    yield from (doubt.in_words for doubt in envelope.doubts)
    written = postcode_of(envelope.to)
    if any(code.postcode not in (None, written) for code in read.codes):
        yield "the postage was bought for another postcode"
    if any(code.kind is CodeKind.OWN_LABEL for code in read.codes):
        yield "it bears a label of ours: it was held before"
    if read.is_cut or len(read.body) > LONGEST_BODY:
        yield TOO_LONG
    if read.unread_pages:
        yield UNREAD_PAGES
    if len(envelope.to) > LONGEST_CONTACT:
        yield "more writing than an address has"
    if len(envelope.readings) > MOST_READINGS or len(envelope.also_to) > MOST_READINGS:
        yield "more addresses or readings than are looked up"
