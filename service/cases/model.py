"""A case: what was asked, found out and decided, and what came of it; one version after another.

| state | what holds | what comes next |
|---|---|---|
| `received` | nobody has confirmed who the prisoner is | he is confirmed, or is not found |
| `not_found` | nobody like that is known to be in prison | looked for again when somebody comes in |
| `considering` | he is confirmed | approved on a pathway, joined to a restriction, or refused |
| `in_force` | a restriction stands, and this request is behind it | withdrawn |
| `withdrawing` | somebody asked for an end; the restriction stands | called back, then ended or kept |
| `investigating` | a report that contact goes on, about a confirmed prisoner | closed with what was found |
| `refused`, `ended`, `closed` | nothing more is to be done | destroyed when its time is over |
| `destroyed` | its key is gone: what was sealed is opened by nobody | |
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from engine.model import Contact, ContactKind
from service.public.asked import HOWS, Asker, EvidenceFile, Protected, PublicRequest, Sought

Channel = Literal["form", "email", "telephone"]
Corrected = Literal["name", ContactKind]


class CaseState(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    NOT_FOUND = "not_found"
    CONSIDERING = "considering"
    IN_FORCE = "in_force"
    WITHDRAWING = "withdrawing"
    INVESTIGATING = "investigating"
    REFUSED = "refused"
    ENDED = "ended"
    CLOSED = "closed"
    DESTROYED = "destroyed"


OPEN = frozenset(
    {
        CaseState.RECEIVED,
        CaseState.NOT_FOUND,
        CaseState.CONSIDERING,
        CaseState.WITHDRAWING,
        CaseState.INVESTIGATING,
    }
)
"""States in which somebody has something to do."""
UNDECIDED = (CaseState.RECEIVED, CaseState.NOT_FOUND, CaseState.CONSIDERING)
"""States before anything is in force."""
HOLDING = (CaseState.IN_FORCE, CaseState.WITHDRAWING)
"""States in which its restriction has to stand."""


ROUTES = frozenset({*HOWS, "none"})
"""By which route contact went on, as an investigation found; or that none was found."""
OVER = (CaseState.REFUSED, CaseState.ENDED, CaseState.CLOSED)
"""States after which nothing is to be done; the time for which a case is kept runs from there."""


class Consideration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On which pathway it is approved, and what that pathway needs."""

    pathway: Literal[1, 2, 3, 4]
    offence: str = ""
    source: str = ""
    """Where it is known from that she is a victim of it."""
    consent: str = ""
    """How her consent was recorded, where a third party asks."""
    grounds: str = ""
    alternatives: str = ""
    necessity: str = ""
    proportionality: str = ""
    review: str | None = None
    """ISO 8601 date."""
    left_out: str = ""
    """Why something that the request names is not listed."""
    capacity: str = ""
    """A decision on capacity or best interests: who, when, how."""
    author: str = ""
    at: str = ""


class CaseNote(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote down."""

    at: str
    by: str
    text: str


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the prisoner was told: with her name, and nothing else of hers."""

    served: str | None = None
    by: str = ""
    how: str = ""
    refused: bool = False
    """Whether he would not take it; he counts as told."""
    held_because: str = ""
    """Why telling him would itself be a danger; a second person agreed."""
    held_by: tuple[str, ...] = ()
    weighed: tuple[tuple[str, str], ...] = ()
    """Where whoever asked fears for her once he is told: who agreed that he be told all the same, and why."""


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody asked that the restriction end, and what was done to be sure of her will."""

    asked: str
    by: str
    """Who asked, as told."""
    until: str
    """The end of the cooling-off time, ISO 8601."""
    called_back: str | None = None
    called_by: str = ""
    safely: str = ""
    """How it was made sure that she spoke freely."""
    pressed: Literal["yes", "no", "unsure", ""] = ""
    """Whether anything points to pressure."""


class Resolution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided where a listed contact point is also somebody's legitimate contact."""

    contact: str
    """The contact point that is shared, as it is listed."""
    way: Literal["close_relative", "named_exception", "supervised", "another_number"]
    prisoner: str = ""
    """Whose legitimate contact it is."""
    whose: str = ""
    """Who else is reached by it, and what they are to the prisoner."""
    because: str
    review: str
    """When it is looked at again, ISO 8601 date."""
    by: str = ""
    at: str = ""
    ended: str | None = None
    ended_by: str = ""
    ended_because: str = ""


class Correction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a request named wrongly, and what is right. The old one is stopped until the new one is, and two
    people have taken it off."""

    kind: Corrected
    old: str
    new: str
    because: str
    """Where it is known from that it was wrong."""
    by: str = ""
    at: str = ""


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An agency or person with a part in a case, and what it said for itself."""

    id: str
    """Within the case: "P1"."""
    role: str
    name: str
    reference: str = ""
    """Its own."""
    contact: str = ""
    heard: str | None = None
    """When it was heard, ISO 8601 date; None where nobody asked it. What another party said is not its."""
    agrees: Literal["yes", "no", "unsure", ""] = ""
    notes: tuple[CaseNote, ...] = ()
    """What was written down of it alone."""


class CaseDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a case, whole. All of it is protected."""

    asked: PublicRequest
    channel: Channel
    words: str = ""
    """The caller's words, or the e-mail as it came."""
    prisoner: str | None = None
    confirmed_by: str = ""
    because: str = ""
    """Why it is he."""
    passed_over: tuple[str, ...] = ()
    """Marks of the candidates whom somebody saw when nobody like that was found."""
    come_in: tuple[str, ...] = ()
    """Marks of candidates who were received since; nobody has said yet that it is none of them."""
    contacts: tuple[Contact, ...] = ()
    """What is to be listed, as an officer went through it."""
    corrections: tuple[Correction, ...] = ()
    """What of `asked` was put right since; what it said before is in the versions before."""
    consideration: Consideration | None = None
    restriction: str | None = None
    """What it became, or was joined to; the request behind it has the id of this case."""
    refused_because: str = ""
    notice: Notice = Notice()
    withdrawal: Withdrawal | None = None
    doubters: tuple[str, ...] = ()
    """Who noted, at any call to her, that pressure is not ruled out."""
    learnt: tuple[Contact, ...] = ()
    """Of a report: what contact went by, listed with the restriction since."""
    outcome: str = ""
    """Of a report: what the investigation found."""
    route: str = ""
    referred: str = ""
    """To the police: when, to whom, the order's terms."""
    report: str | None = None
    """The report that this request was opened from."""
    requests: tuple[str, ...] = ()
    """Of a report: the requests that were opened from it."""
    resolutions: tuple[Resolution, ...] = ()
    parties: tuple[Party, ...] = ()
    notes: tuple[CaseNote, ...] = ()
    waiting_for: str = ""
    reason: str = ""
    """Why this version was made."""
    reopened: tuple[tuple[str, str], ...] = ()
    """Ended by a mistaken record of death: who says that he lives, and why."""

    def without_evidence(self) -> CaseDocument:
        """The same without the files, which stay with the first version."""
        bare = tuple(EvidenceFile(name=one.name, content=b"") for one in self.asked.evidence)
        return msgspec.structs.replace(self, asked=msgspec.structs.replace(self.asked, evidence=bare))


NOTHING_LEFT = CaseDocument(
    asked=PublicRequest(
        reference="",
        at="",
        kind="stop",
        asker=Asker(who="self", name=""),
        sought=Sought(name=""),
        person=Protected(name=""),
    ),
    channel="form",
)
"""The document of a case of which all that was sealed is destroyed: empty."""
UNREAD = msgspec.structs.replace(NOTHING_LEFT)
"""The document, as it is listed, of a case that cannot be read: empty. Nothing is known of such a case."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One version with what is plain of it."""

    id: str
    version: int
    seq: int
    at: datetime
    author: str
    state: CaseState
    kind: str
    urgency: str
    due: datetime | None
    """When the next step has to be taken; None where nothing is to be done."""
    assigned: str | None
    prisoner: str | None
    establishment: str | None
    restriction: str | None
    document: CaseDocument

    @property
    def is_unread(self) -> bool:
        """Whether what is sealed of it could not be read: whoever runs the service has to put it right."""
        return self.document is UNREAD
