"""What the registry keeps of a restriction and of a register entry, and what loosens one.

A **loosening** lets something through that was stopped before: it needs a second person. Everything else,
a new restriction above all, is in force at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from engine import dates
from engine.listing import UnreadableContactError, area_codes, compile_contact, guess_kind
from engine.model import ConfidentialEntry, Contact, Restriction
from matchers import address, person
from service.registry import court_orders

UNKNOWN_AGENCY = "not recorded"


class ListingState(StrEnum):
    """Whether a listing holds."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Somebody who asked that there be no contact. The restriction holds while any of them stands."""

    id: str
    agency: str = UNKNOWN_AGENCY
    """Police force, probation, the person herself, a relative."""
    requester: str = ""
    reference: str = ""
    received: str | None = None
    """ISO 8601 date."""
    withdrawn: str | None = None
    """When it was withdrawn."""
    withdrawn_because: str = ""

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn is None


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a restriction, whole."""

    restriction: Restriction
    requests: tuple[Request, ...]
    justification: str = ""
    """Why it is necessary and proportionate: required on pathway 4."""
    review: str | None = None
    """When that has to be looked at again, ISO 8601 date: required on pathway 4."""
    notes: str = ""
    reason: str = ""
    """Why this version was made."""
    reviewed: str | None = None
    """When somebody last looked at it again and let it go on, ISO 8601."""

    @property
    def stands(self) -> bool:
        """Whether any request holds it up."""
        return any(request.stands for request in self.requests)


class EntryDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a register entry, whole."""

    entry: ConfidentialEntry
    verified: str = ""
    """How it was verified: by whom, against what."""
    reason: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What is plain of one version."""

    id: str
    version: int
    seq: int
    at: datetime
    author: str
    confirmed_by: str | None
    state: ListingState


class PointTold(NamedTuple):
    """What whoever makes a change should know of one of its contact points.

    As text it names the field, for programs; `numbered` is for people, and holds no detail either.
    """

    place: int
    """Among the contact points, from 0."""
    what: str
    """What follows the name of it."""
    typed: str
    """Protected."""
    part: str = ""

    def __str__(self) -> str:
        return f"contacts[{self.place}]{self.part}{self.what}"

    @property
    def numbered(self) -> str:
        """With its number among them, from 1."""
        return f"contact point {self.place + 1}{self.what}"

    @property
    def in_words(self) -> str:
        """With the contact point as it was typed: for who typed it."""
        return f"“{self.typed}”{self.what}"


class RestrictionVersion(Version, frozen=True, kw_only=True):
    """One version of a restriction with its document."""

    document: Document
    establishment: str | None


def state_at(version: RestrictionVersion, now: datetime) -> str:
    """`standing`, `withdrawn`, or `expired` where its last day is over: then it stops nothing."""
    until = version.document.restriction.until
    is_over = until is not None and now >= dates.ends(until)
    return "expired" if is_over and version.state is ListingState.STANDING else version.state.value


class EntryVersion(Version, frozen=True, kw_only=True):
    """One version of a register entry with its document."""

    document: EntryDocument


def loosens(before: Document, after: Document) -> tuple[str, ...]:
    """What `after` would let through that `before` stops, in words that hold no detail; empty for nothing.

    Unsure means loosening: a number written in another way that cannot be told to be the same one. What does
    not stand is judged by what it would stop, since it may stand again as it was left. What makes it stand
    stops more than before.
    """
    if after.stands and not before.stands:
        return ()
    old, new = before.restriction, after.restriction
    found: list[str] = []
    if before.stands and not after.stands:
        found.append("no request stands any more")
    if set(old.prisoners) - set(new.prisoners):
        found.append("a prisoner is taken off")
    if old.scope == "estate" and new.scope == "prisoner":
        found.append("it holds for the named prisoners alone, no longer for the whole estate")
    if old.scope == new.scope == "prisoner" and set(old.establishments) - set(new.establishments):
        found.append("a prison is taken off")
    if _points(old.contacts, area_codes(old)) - _points(new.contacts, area_codes(new)):
        found.append("a contact point is taken off")
    if names_of(old) - names_of(new) - _NOBODY:
        found.append("a name is taken off")
    if _exemptions(new) - _exemptions(old):
        found.append("an exception is added")
    added = _points(new.contacts, area_codes(new)) - _points(old.contacts, area_codes(old))
    if len(added) < len(old.unread) - len(new.unread):
        found.append("what could not be read of it is no longer asked for")
    if added & {contact for _, contact in _exemptions(new)}:
        found.append("an exception takes hold of a new contact point")
    found += court_orders.lessened(old, new)
    if old.pathway == 1 and new.pathway != 1:
        found.append("it is no victim's any more: one reviewer alone can let its flags go")
    if starts(new) > starts(old):
        found.append("it begins later")
    if ends(new) < ends(old):
        found.append("it ends sooner")
    return tuple(found)


def widens(before: EntryDocument | None, after: EntryDocument) -> tuple[str, ...]:
    """What a change of the register would put beyond every check; empty for nothing.

    A new entry does, and so does a contact point: a number listed as a solicitor's is a known trick.
    """
    if before is None:
        return ("an entry is added",)
    found = []
    if _points(after.entry.contacts) - _points(before.entry.contacts):
        found.append("a contact point is added")
    if after.entry.name != before.entry.name or after.entry.kind != before.entry.kind:
        found.append("it stands for somebody else")
    return tuple(found)


def names_of(restriction: Restriction) -> set[str]:
    """The protected person's names, as `names_read` gives them."""
    return names_read((restriction.protected.name, *restriction.protected.aliases))


def names_read(names: Iterable[str]) -> set[str]:
    """Names as they are compared: however each is written."""
    return {str(msgspec.structs.replace(person.read(name), text="")) for name in names}


_NOBODY = names_read(("",))
"""As a name that shows nothing is read: it stops nothing."""


def starts(restriction: Restriction) -> datetime:
    """The first instant at which it holds."""
    return dates.starts(restriction.from_ or "0001-01-02")


def ends(restriction: Restriction) -> datetime:
    """The instant at which it is over."""
    return dates.ends(restriction.until or "9999-12-31")


def _point(contact: Contact, codes: tuple[str, ...] = ()) -> str:
    """A contact point as it is looked up; what cannot be read is itself alone."""
    try:
        listed = compile_contact(contact, codes)
    except UnreadableContactError:
        return f"{contact.kind} {contact.value}"
    if contact.kind == "address":
        return f"address {msgspec.structs.replace(address.read(contact.value), text='')}"
    return f"{contact.kind} {listed.key or listed.account}"


def _points(contacts: Iterable[Contact], codes: tuple[str, ...] = ()) -> set[str]:
    return {_point(contact, codes) for contact in contacts}


def _exemptions(restriction: Restriction) -> set[tuple[str, str]]:
    codes = area_codes(restriction)
    return {(one.prisoner, _point(guess_kind(one.contact), codes)) for one in restriction.exceptions}
