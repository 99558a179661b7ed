"""The words of review: what waits, what may be decided, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from engine.model import ReasonCode, Verdict

LEASE = timedelta(minutes=10)
"""How long a claimed item is one reviewer's. Longer than a look takes, shorter than a lunch."""
PHONE_LIST = "phone_list"
"""The channel of a number that stands on a prisoner's list already."""
UNDO = timedelta(seconds=30)
"""How long a decision can be taken back, before it takes effect."""
TARGET: dict[str, timedelta] = {
    "call": timedelta(hours=1),
    "message": timedelta(hours=4),
    "letter": timedelta(hours=24),
    "contact": timedelta(hours=24),
    PHONE_LIST: timedelta(hours=24),
}
"""By when an item should be decided: a flagged call has rung already, a letter waits for the next post."""


REVIEW = "review"
"""What an item is called in the ledger."""


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    SECOND = "second"
    """Somebody would let it go, and it takes a second person."""
    DECIDED = "decided"
    """Decided; in effect from `effective_at` on."""
    SETTLED = "settled"
    """In effect, and whatever follows from it is done."""
    GONE = "gone"
    """What waited is there no more, or was found anew: nobody has to decide."""


WAITING = (ItemState.OPEN, ItemState.SECOND)
"""States in which somebody has to look."""


class Outcome(StrEnum):
    """What may be decided."""

    UPHOLD = "uphold"
    RELEASE = "release"
    EXCEPTION = "exception"
    """Release, and ask for an exception for this prisoner and contact point."""
    ESCALATE = "escalate"
    """Leave it to somebody with more to go by; it goes to the top of the queue."""


class Standing(StrEnum):
    """Where an attempt stands, for whoever asked about it."""

    ALLOWED = "allowed"
    HELD = "held"
    """Nobody has decided, or may still take it back."""
    RELEASED = "released"
    STOPPED = "stopped"
    """By the answer, or by a reviewer."""


class Stood(NamedTuple):
    """The same, and since when; None while it is held."""

    standing: Standing
    since: datetime | None = None


ANSWERED: dict[Verdict, Standing] = {
    "allow": Standing.ALLOWED,
    "flag": Standing.HELD,
    "block": Standing.STOPPED,
}
"""Where an attempt stands once it is answered."""

LETS_GO = (Outcome.RELEASE, Outcome.EXCEPTION)

REASONS: dict[Outcome, dict[str, str]] = {
    Outcome.UPHOLD: {
        "restricted": "It is the restricted contact",
        "attempt": "An attempt to get around a restriction",
        "household": "The protected person's household",
        "unclear": "Cannot be told, and the risk is too high",
        "other": "Another reason, in the note",
    },
    Outcome.RELEASE: {
        "not_same_place": "Another address",
        "not_same_number": "Another number",
        "not_same_person": "Another person of the same name",
        "verified": "Verified with the recipient",
        "privileged": "A legal or confidential recipient",
        "other": "Another reason, in the note",
    },
    Outcome.EXCEPTION: {
        "relative": "A close relative at the same address",
        "child": "Contact with a child, agreed",
        "consent": "The protected person agrees, checked with her",
        "court": "A court allows it",
        "other": "Another reason, in the note",
    },
    Outcome.ESCALATE: {
        "risk": "The risk is too high for one reviewer",
        "police": "Police or probation should know",
        "record": "The restriction itself looks wrong",
        "other": "Another reason, in the note",
    },
}
"""The list that a reason comes from. `other` needs a note."""
_OF_CHANNELS: dict[str, frozenset[str]] = {
    "not_same_place": frozenset({"letter", "contact"}),
    "not_same_number": frozenset({"call", "message", "contact", PHONE_LIST}),
}
"""Reasons that say something about some channels alone."""


def reasons_for(outcome: Outcome, channel: str) -> dict[str, str]:
    """What may be said of a decision about something of this channel."""
    return {
        code: why for code, why in REASONS[outcome].items() if channel in _OF_CHANNELS.get(code, (channel,))
    }


_GRAVEST = (
    ReasonCode.CONFIDENTIAL_CONFLICT,
    ReasonCode.RESTRICTED_NUMBER,
    ReasonCode.RESTRICTED_ADDRESS,
    ReasonCode.RESTRICTED_EMAIL,
    ReasonCode.RESTRICTED_HANDLE,
    ReasonCode.EXCEPTION,
    ReasonCode.SHARED_CONTACT,
    ReasonCode.VOICE_MISMATCH,
    ReasonCode.CALL_MOVED,
    ReasonCode.PROBING,
    ReasonCode.HIDDEN_NUMBER,
    ReasonCode.EXTRA_DIGITS,
    ReasonCode.RELAY_REQUEST,
    ReasonCode.RESTRICTED_CONTENT,
    ReasonCode.RESTRICTED_PERSON,
    ReasonCode.PROBABLE_ADDRESS,
    ReasonCode.UNVERIFIED_PRIVILEGE,
    ReasonCode.DOUBTFUL_READING,
    ReasonCode.CARE_OF,
    ReasonCode.HOUSEHOLD,
    ReasonCode.OTHER_PRISONER,
    ReasonCode.NEAR_NUMBER,
    ReasonCode.INCOMPLETE_ADDRESS,
    ReasonCode.INCOMPLETE_NUMBER,
    ReasonCode.NUMBER_CLASS,
    ReasonCode.PO_BOX,
    ReasonCode.HEIGHTENED,
    ReasonCode.UNUSABLE_NUMBER,
    ReasonCode.UNUSABLE_ADDRESS,
    ReasonCode.NOT_HELD_HERE,
    ReasonCode.MATCHER_FAILED,
    ReasonCode.STALE_BLOCKLIST,
)
_GRAVITY = {code.value: len(_GRAVEST) - place for place, code in enumerate(_GRAVEST)}
GUARDED_GRAVITY = 50
"""Added for pathway 1 and court orders: such an item is above every other."""
ESCALATED_GRAVITY = 100
"""Added for what somebody escalated."""


def gravest(codes: str) -> tuple[str, int]:
    """The gravest of codes with commas between, and how grave it is; 0 for one without a rank."""
    return max(((code, _GRAVITY.get(code, 0)) for code in codes.split(",")), key=lambda pair: pair[1])


class ReviewItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the queue, without any detail."""

    seq: int
    at: datetime
    channel: str
    establishment: str | None
    prisoner: str | None
    contact: bytes | None
    code: str
    gravity: int
    guarded: bool
    state: ItemState
    due: datetime
    token: int
    claimed_by: str | None
    lease_until: datetime | None
    outcome: Outcome | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    effective_at: datetime | None
    second_by: str | None

    def held_by(self, now: datetime) -> str | None:
        """Whose it is: a lease that ran out is nobody's."""
        return self.claimed_by if self.lease_until is not None and now < self.lease_until else None
