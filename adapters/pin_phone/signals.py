"""What a switch tells of a call that is up, in words that no vendor owns.

    {"id": "E1", "check": "C1", "kind": "diverted", "at": "2026-06-01T09:30:00Z", "to": "07700 900123"}

`check` is the id under which the call was asked about. `to` is the number it went to, or the digits keyed,
where the switch knows them; `score`, 0 to 1, is how sure it is. They come from SIP 181 and History-Info
(diversions), from the conference, from DTMF decoded from RTP (RFC 4733), from a product that knows voices.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.model import ReasonCode
from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys

LONGEST_NUMBER = 200
_IDENTIFIER = r"^[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,199}$"
_printable = re.compile(_IDENTIFIER).fullmatch


class EventKind(StrEnum):
    """What happened."""

    DIVERTED = "diverted"
    """The called side sent the call on."""
    CONFERENCE = "conference"
    """It was joined with other calls."""
    THREE_WAY = "three_way"
    """A third party was added."""
    VOICE_MISMATCH = "voice_mismatch"
    """The voice is not the prisoner's."""
    KEYED = "keyed"
    """Digits were keyed; a proxy sees them only where they travel in its own messages."""


CODES: dict[EventKind, ReasonCode | None] = {
    EventKind.DIVERTED: ReasonCode.CALL_MOVED,
    EventKind.CONFERENCE: ReasonCode.CALL_MOVED,
    EventKind.THREE_WAY: ReasonCode.CALL_MOVED,
    EventKind.VOICE_MISMATCH: ReasonCode.VOICE_MISMATCH,
    EventKind.KEYED: None,
}
"""The reason that an event is by itself. Of keyed digits, mostly menus, only the number they make counts."""

Identifier = Annotated[str, Meta(min_length=1, max_length=200)]


class EventError(ValueError):
    """An event that cannot be used; `field` names what is wrong with it, and nothing of it is repeated."""

    def __init__(self, field: str | None, text: str) -> None:
        super().__init__(f"{field}: {text}" if field else text)
        self.field, self.text = field, text


class CallEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event. Its `to` is a protected detail."""

    id: Identifier
    check: Identifier
    kind: EventKind
    at: datetime
    to: Annotated[str, Meta(max_length=LONGEST_NUMBER)] | None = None
    score: Annotated[float, Meta(ge=0, le=1)] | None = None

    def __repr__(self) -> str:
        return f"CallEvent(id={self.id!r}, check={self.check!r}, kind={self.kind.value!r})"


_decoder = msgspec.json.Decoder(CallEvent)
_path = re.compile(r" - at `\$\.([a-z]{1,20})`$").search
_named = re.compile(r"(?:unknown field|required field) `([A-Za-z_]{1,20})`").search


def read_event(body: bytes) -> CallEvent:
    """An event from JSON. Raises EventError."""
    try:
        refuse_repeated_keys(body)
        event = _decoder.decode(body)
    except RepeatedKeyError as error:
        raise EventError(error.named or None, str(error)) from None
    except msgspec.ValidationError as error:
        named = _path(str(error)) or _named(str(error))
        raise EventError(named[1] if named else None, "cannot be used") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise EventError(None, "not JSON") from None
    for field in ("id", "check"):
        if not _printable(getattr(event, field)):
            raise EventError(field, "not 1 to 200 printable characters")
    if event.at.tzinfo is None:
        raise EventError("at", "a time without a zone")
    if event.to is not None and not event.to.strip():
        raise EventError("to", "empty")
    if event.kind is EventKind.KEYED and event.to is None:
        raise EventError("to", "required: the digits")
    return event
