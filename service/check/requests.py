"""Bodies of requests: what each may hold, read from JSON. Errors name the field and repeat no value."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from engine.jsonl import LONGEST_BODY, MOST_READINGS, InputError, check_attempt
from engine.listing import LONGEST_CONTACT
from engine.model import Attempt, Channel
from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys
from matchers.prison import PRISON_CODE, PRISONER_NUMBER
from service.errors import BadRequestError, InvalidError
from service.storage.sealing import Vault

MOST_NUMBERS = 20
"""Telephone numbers, and as many e-mail addresses, of one contact."""
LONGEST_NAME = 500
"""Characters of a contact's name."""

LONGEST_LETTER = 16_000
"""Characters of all addresses and readings of one letter: each is looked at as the first one is."""
LONGEST_ADDRESS = LONGEST_CONTACT - LONGEST_NAME
"""Characters of a contact's address: with the name on top, it is screened as an envelope."""

ID = r"^[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,199}$"
"""1 to 200 characters, no control characters, not beginning with a space."""


def _like(description: str, **schema: Any) -> Meta:
    """What the OpenAPI document says of a field; the checking, with better words, is done below."""
    return Meta(description=description, extra_json_schema=schema)


Identifier = Annotated[
    str, _like("The caller's own name of this attempt. Again the same id: again the same answer.", pattern=ID)
]
Prisoner = Annotated[str, _like("A prisoner number.", pattern=f"^{PRISONER_NUMBER}$")]
Establishment = Annotated[
    str, _like("A prison code. Without it, where the registry has the prisoner.", pattern=f"^{PRISON_CODE}$")
]
Moment = Annotated[
    str,
    _like(
        "When it was made, ISO 8601. Without it, now.",
        anyOf=[{"format": "date"}, {"format": "date-time"}],
    ),
]
Body = Annotated[str, _like("What it says.", maxLength=LONGEST_BODY)]
Number = Annotated[str, _like("As it was dialled, dialling codes included.", maxLength=LONGEST_CONTACT)]
Recipient = Annotated[str, _like("A telephone number, e-mail address or @handle.", maxLength=LONGEST_CONTACT)]
Envelope = Annotated[
    str, _like("The outside of the envelope, lines apart by \\n.", maxLength=LONGEST_CONTACT)
]


class CallBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call that is about to be connected."""

    id: Identifier
    prisoner: Prisoner
    to: Number
    establishment: Establishment | None = None
    body: Body | None = None
    at: Moment | None = None


Doubts = Annotated[
    tuple[str, ...],
    _like(
        "Why a machine that read it is not sure, or what of it could not be read. Any doubt flags.",
        maxItems=MOST_READINGS,
    ),
]


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text or e-mail that is about to be delivered."""

    id: Identifier
    prisoner: Prisoner
    to: Recipient
    establishment: Establishment | None = None
    body: Body | None = None
    at: Moment | None = None
    doubts: Doubts = ()


Readings = Annotated[
    tuple[Envelope, ...],
    _like(
        "How else `to` may be read, the likeliest first, where a machine read it off an envelope.",
        maxItems=MOST_READINGS,
    ),
]


Others = Annotated[
    tuple[Envelope, ...],
    _like("Other addresses on it and in it, such as an enclosed envelope's.", maxItems=MOST_READINGS),
]
Privileged = Annotated[
    bool, _like("Marked Rule 39 or confidential: flagged, unless the recipient is on the register.")
]


class LetterBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A letter that is about to be posted. Without `prisoner`, nobody knows whose it is."""

    id: Identifier
    to: Envelope
    prisoner: Prisoner | None = None
    establishment: Establishment | None = None
    body: Body | None = None
    at: Moment | None = None
    readings: Readings = ()
    also_to: Others = ()
    doubts: Doubts = ()
    privileged: Privileged = False


class BatchItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attempt of a batch. Only a letter may come without `prisoner`."""

    id: Identifier
    channel: Channel
    to: Annotated[str, _like("Whom it goes to.", maxLength=LONGEST_CONTACT)]
    prisoner: Prisoner | None = None
    establishment: Establishment | None = None
    body: Body | None = None
    at: Moment | None = None
    readings: Readings = ()
    also_to: Others = ()
    doubts: Doubts = ()
    privileged: Privileged = False


class ContactBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody whom a prisoner asks to have on his list. At least one number, e-mail or the address."""

    id: Identifier
    prisoner: Prisoner
    name: Annotated[
        str, Meta(description="Who it is.", max_length=LONGEST_NAME, extra_json_schema={"pattern": r"\S"})
    ]
    numbers: Annotated[tuple[Number, ...], Meta(max_length=MOST_NUMBERS)] = ()
    establishment: Establishment | None = None
    emails: Annotated[tuple[Recipient, ...], Meta(max_length=MOST_NUMBERS)] = ()
    address: Annotated[str, _like("A postal address.", maxLength=LONGEST_ADDRESS)] | None = None


T = TypeVar("T")

_id = re.compile(ID).fullmatch
_name_of_field = re.compile(r"[A-Za-z_]{1,20}", re.ASCII).fullmatch
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_QUOTED_VALUE = re.compile(r"^Invalid enum value .*", re.DOTALL)
_MISSING_FIELD = re.compile(r"missing required field `(\w+)`")

_bodies: dict[Channel, msgspec.json.Decoder[Any]] = {
    "call": msgspec.json.Decoder(CallBody),
    "message": msgspec.json.Decoder(MessageBody),
    "letter": msgspec.json.Decoder(LetterBody),
}
_items = msgspec.json.Decoder(BatchItem)
_contacts = msgspec.json.Decoder(ContactBody)
_lists = msgspec.json.Decoder(list[msgspec.Raw])


def request_key(vault: Vault, actor: str, channel: str, identifier: str) -> bytes:
    """Under what the ledger knows an attempt: an id is its caller's own, and a channel's."""
    return vault.digest("attempt", f"{actor}\0{channel}\0{identifier}")


def read_attempt(channel: Channel, body: bytes) -> Attempt:
    """The attempt of one request. Raises BadRequestError, InvalidError."""
    return _attempt(channel, _read(_bodies[channel], body))


def read_batch(body: bytes) -> list[msgspec.Raw]:
    """The items of a batch, unread. Raises BadRequestError, InvalidError."""
    return _decode(_lists, body)


def read_item(item: msgspec.Raw) -> Attempt:
    """The attempt of one item. Raises BadRequestError, InvalidError."""
    read = _read(_items, bytes(item))
    return _attempt(read.channel, read)


def read_contact(body: bytes) -> ContactBody:
    """A contact. Raises BadRequestError, InvalidError."""
    contact = _read(_contacts, body)
    if not contact.name.strip():
        raise InvalidError("empty", "name")
    if not contact.numbers and not contact.emails and contact.address is None:
        raise InvalidError("at least one number, e-mail address or postal address is needed", "numbers")
    for field in ("numbers", "emails"):
        for n, value in enumerate(getattr(contact, field)):
            if len(value) > LONGEST_CONTACT:
                raise InvalidError(f"longer than {LONGEST_CONTACT:,} characters", f"{field}[{n}]")
    if len(contact.address or "") > LONGEST_ADDRESS:
        raise InvalidError(f"longer than {LONGEST_ADDRESS:,} characters", "address")
    _attempt("call", contact, to="")
    return contact


def _attempt(channel: Channel, read: Any, to: str | None = None) -> Attempt:
    """`read` with its fields checked."""
    if not _id(read.id):
        raise InvalidError("not 1 to 200 printable characters", "id")
    attempt = Attempt(
        id=read.id,
        channel=channel,
        to=read.to if to is None else to,
        prisoner=read.prisoner,
        establishment=read.establishment,
        body=None if to is not None else read.body,
        at=None if to is not None else read.at,
        **_outside(read),
    )
    try:
        checked = check_attempt(attempt)
    except InputError as error:
        raise InvalidError(error.what, error.field) from None
    _check_length(checked)
    return checked


def _check_length(attempt: Attempt) -> None:
    """Raises InvalidError where all that stands on a letter is more than stands on any."""
    texts = (attempt.to, *attempt.also_to, *attempt.readings)
    if sum(map(len, texts)) > LONGEST_LETTER:
        field = "also_to" if attempt.also_to else "readings"
        raise InvalidError(f"more than {LONGEST_LETTER:,} characters of addresses in all", field)


def _outside(read: Any) -> dict[str, Any]:
    """What not every channel has; `check_attempt` refuses what an attempt's channel has not."""
    if type(read) is CallBody:  # of all bodies by far the most, and with none of them
        return {}
    return {
        name: getattr(read, name, empty)
        for name, empty in (("readings", ()), ("also_to", ()), ("doubts", ()), ("privileged", False))
    }


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        refuse_repeated_keys(body)
    except RepeatedKeyError as error:
        raise InvalidError(str(error), error.named or None) from None
    return _decode(decoder, body)


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except msgspec.DecodeError as error:
        raise BadRequestError(f"not JSON: {error}") from None
    except UnicodeDecodeError:
        raise BadRequestError("not JSON: not UTF-8") from None
    except RecursionError:
        raise BadRequestError("not JSON: nested too deeply") from None


def _invalid(text: str) -> InvalidError:
    """The decoder's error without whatever the request said."""
    if unknown := _UNKNOWN_FIELD.match(text):
        name = unknown[1]
        return InvalidError("unknown field", name if _name_of_field(name) else None)
    what, _, path = text.partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if missing := _MISSING_FIELD.search(what):
        field = f"{field}.{missing[1]}" if field else missing[1]
    return InvalidError(_QUOTED_VALUE.sub("not one of the values allowed", what), field or None)
