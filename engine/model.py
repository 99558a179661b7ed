"""The words of the decision: restrictions and attempts in, decisions out. Frozen, no behaviour.

Shapes and field names are the JSON Lines formats of the product; `docs/formats.md` shows each one.
"""

from enum import StrEnum
from typing import Any, Literal

import msgspec

Channel = Literal["call", "message", "letter"]
Verdict = Literal["allow", "flag", "block"]
ContactKind = Literal["phone", "address", "email", "handle"]
CallAction = Literal["connect", "connect_and_alert", "refuse"]
MessageAction = Literal["deliver", "hold", "stop"]
LetterAction = Literal["post", "hold", "stop"]
ContactAction = Literal["add", "hold", "refuse"]
Action = Literal[CallAction, MessageAction, LetterAction, ContactAction]
"""What is to be done. Which words a channel and a verdict may have, `engine/policy.py` says."""


# Unknown keys are refused, so that a misspelt one is not quietly lost. None of them can hold itself, so the
# garbage collector need not walk a hundred thousand of them again and again, with every answer waiting.
class Contact(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One contact point, as it was given."""

    kind: ContactKind
    value: str


class Exemption(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One prisoner who may use one contact point in spite of the restriction (`exceptions`)."""

    prisoner: str
    contact: str
    note: str | None = None


class ProtectedPerson(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """The person who must not be contacted."""

    name: str
    aliases: tuple[str, ...] = ()


class Restriction(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """Prisoners who must not contact a protected person. Times are ISO 8601, as given."""

    id: str
    prisoner: str | tuple[str, ...]
    protected: ProtectedPerson
    contacts: tuple[Contact, ...]
    scope: Literal["estate", "prisoner"] = "estate"
    establishment: str | tuple[str, ...] | None = None
    pathway: Literal[1, 2, 3, 4] | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    until: str | None = None
    court_order: str | bool | dict[str, Any] | None = None
    exceptions: tuple[Exemption, ...] = ()
    unread: tuple[str, ...] = ()
    """What of it could not be read when it was taken in, as `contacts[1].value: why`; holds no value."""

    @property
    def prisoners(self) -> tuple[str, ...]:
        """The prisoners whom it names, always as a tuple."""
        return (self.prisoner,) if isinstance(self.prisoner, str) else self.prisoner

    @property
    def establishments(self) -> tuple[str, ...]:
        """The prisons that it names, always as a tuple."""
        named = self.establishment
        return () if named is None else (named,) if isinstance(named, str) else named

    @property
    def has_court_order(self) -> bool:
        """Whether there is one; `{}` is one of which nothing more was recorded."""
        return bool(self.court_order) or isinstance(self.court_order, dict)


class ConfidentialEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """A verified legal adviser, court, MP, helpline and the like."""

    name: str
    kind: str
    contacts: tuple[Contact, ...]
    id: str | None = None


class Monitoring(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """Heightened monitoring: while it holds, each letter and message of a prisoner is looked at.

    `from` and `until` are ISO 8601 dates, the first and the last day.
    """

    from_: str = msgspec.field(name="from")
    until: str


class Attempt(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One outgoing call, message or letter. `prisoner` is None only on a letter of unknown sender."""

    id: str
    channel: Channel
    to: str
    prisoner: str | None = None
    establishment: str | None = None
    body: str | None = None
    at: str | None = None
    readings: tuple[str, ...] = ()
    """Of a letter: how else `to` may be read, the likeliest first, where a machine has read it."""
    also_to: tuple[str, ...] = ()
    """Of a letter: other addresses on it and in it, such as an enclosed envelope's; each is checked."""
    doubts: tuple[str, ...] = ()
    """Of a letter or message: what a machine could not read, or is not sure of, in its own words."""
    privileged: bool = False
    """Of a letter: whether it is marked Rule 39 or confidential. Only its outside is looked at then."""


class ReasonCode(StrEnum):
    """Why a decision was made. The names are stable; `docs/reasons.md` describes each one."""

    RESTRICTED_NUMBER = "RESTRICTED_NUMBER"
    """The number is a restricted one."""
    NEAR_NUMBER = "NEAR_NUMBER"
    """One digit away from a number restricted for this prisoner, or its local part."""
    HIDDEN_NUMBER = "HIDDEN_NUMBER"
    """A restricted number in disguise: in words, split, reversed, inside other digits."""
    NUMBER_CLASS = "NUMBER_CLASS"
    """A kind of number that can bridge to any other: premium, personal, shared cost, freephone, operator."""
    EXTRA_DIGITS = "EXTRA_DIGITS"
    """Digits behind the number, which can be dialled on after the answer."""
    INCOMPLETE_NUMBER = "INCOMPLETE_NUMBER"
    """A number with digits missing, of an unallocated range, or without an area code that can be told."""
    UNUSABLE_NUMBER = "UNUSABLE_NUMBER"
    """No number could be read."""
    RESTRICTED_ADDRESS = "RESTRICTED_ADDRESS"
    """The address is a restricted one."""
    PROBABLE_ADDRESS = "PROBABLE_ADDRESS"
    """Probably a restricted address, misspelt or misread."""
    INCOMPLETE_ADDRESS = "INCOMPLETE_ADDRESS"
    """Could be a restricted address: what would tell it from its neighbour is missing."""
    HOUSEHOLD = "HOUSEHOLD"
    """A restricted address, by a prisoner whom the restriction does not name, to another name."""
    CARE_OF = "CARE_OF"
    """A restricted person named after "care of" or "for the attention of"."""
    DOUBTFUL_READING = "DOUBTFUL_READING"
    """The machine that read the envelope is not sure of what it read."""
    UNVERIFIED_PRIVILEGE = "UNVERIFIED_PRIVILEGE"
    """Marked Rule 39 or confidential, and the recipient is not on the confidential register for sure."""
    PO_BOX = "PO_BOX"
    """A PO box: who opens it cannot be told."""
    UNUSABLE_ADDRESS = "UNUSABLE_ADDRESS"
    """No address could be read."""
    RESTRICTED_PERSON = "RESTRICTED_PERSON"
    """The person whom this prisoner must not contact, at another address."""
    RESTRICTED_EMAIL = "RESTRICTED_EMAIL"
    """The e-mail address is a restricted one."""
    RESTRICTED_HANDLE = "RESTRICTED_HANDLE"
    """The account name is a restricted one."""
    RESTRICTED_CONTENT = "RESTRICTED_CONTENT"
    """The text holds a restricted number, address, account or name."""
    RELAY_REQUEST = "RELAY_REQUEST"
    """The text asks somebody to pass something on to a protected person."""
    OTHER_PRISONER = "OTHER_PRISONER"
    """A contact restricted for another prisoner of the same, or of an unknown, prison."""
    EXCEPTION = "EXCEPTION"
    """An exception names this prisoner and this contact point."""
    CONFIDENTIAL = "CONFIDENTIAL"
    """The recipient is on the confidential register."""
    CONFIDENTIAL_CONFLICT = "CONFIDENTIAL_CONFLICT"
    """The recipient is on the confidential register and restricted too."""
    CALL_MOVED = "CALL_MOVED"
    """The switch says that the call was diverted, joined with another or made three-way."""
    VOICE_MISMATCH = "VOICE_MISMATCH"
    """The switch says that the voice is not the prisoner's."""
    SHARED_CONTACT = "SHARED_CONTACT"
    """A restricted contact point that several prisoners of one prison tried."""
    PROBING = "PROBING"
    """Many tries of one prisoner in a short time that were blocked or near misses."""
    HEIGHTENED = "HEIGHTENED"
    """The prisoner is under heightened monitoring: each of his letters and messages is looked at."""
    NOT_HELD_HERE = "NOT_HELD_HERE"
    """The list holds one prison's restrictions beside the estate's, and this prisoner is not known there."""
    STALE_BLOCKLIST = "STALE_BLOCKLIST"
    """The blocklist is missing, incomplete or too old to allow anything on."""
    MATCHER_FAILED = "MATCHER_FAILED"
    """A part of the check failed."""


class Reason(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One reason of a decision: what was given, what is listed, and the steps that made them equal.

    `decision` is what this reason alone argues for; the most restrictive one wins.
    """

    code: ReasonCode
    decision: Verdict
    restriction: str | None = None
    score: float = 1.0
    matcher: str = ""
    given: str = ""
    listed: str = ""
    steps: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer to one attempt."""

    id: str
    decision: Verdict
    action: Action
    confidential: bool
    blocklist: str
    reasons: tuple[Reason, ...]
