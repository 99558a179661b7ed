"""JSON Lines in: one line to a restriction, a register entry or an attempt, or an error that names the field.

Error texts never repeat a value, so that they can be logged and shown.
"""

import re
from typing import NamedTuple, TypeVar

import msgspec

from engine import dates, entry
from engine.entry import Entry
from engine.listing import LONGEST_CONTACT, MOST_CONTACTS, area_codes, guess_kind
from engine.model import Attempt, Channel, ConfidentialEntry, Contact, Exemption, Restriction
from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys
from matchers.person import is_seen
from matchers.prison import is_prison_code, is_prisoner_number

LONGEST_BODY = 200_000
"""Characters of a message or letter: some sixty pages."""
MOST_READINGS = 32
"""Other readings of one envelope, other addresses on it, doubts: each is looked at as the first one is."""

_OF_A_LETTER: frozenset[Channel] = frozenset({"letter"})
_READ_BY_A_MACHINE: frozenset[Channel] = frozenset({"letter", "message"})

NO_LETTER = "a name has at least one letter that is seen"
NOT_UNICODE = "not Unicode text: it holds half of a character"

_encode = msgspec.json.Encoder().encode
_QUOTED_VALUE = re.compile(r"^Invalid enum value .*? - at", re.DOTALL)

T = TypeVar("T", Restriction, ConfidentialEntry, Attempt)

_restrictions = msgspec.json.Decoder(Restriction)
_confidential = msgspec.json.Decoder(ConfidentialEntry)
_attempts = msgspec.json.Decoder(Attempt)


class InputError(ValueError):
    """What is wrong with a line, in words that name the field and repeat no value: "field: what".

    `field` is empty where it is the line as a whole.
    """

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}" if field else what)
        self.field = field
        self.what = what


class ReadRestriction(NamedTuple):
    """A restriction as far as it could be read, and what had to be left out of it."""

    restriction: Restriction
    problems: tuple[InputError, ...]
    told: tuple[InputError, ...] = ()
    """What its author should know though nothing was left out."""


class ReadEntry(NamedTuple):
    """A register entry as far as it could be read, and what had to be left out of it."""

    entry: ConfidentialEntry
    problems: tuple[InputError, ...]
    told: tuple[InputError, ...] = ()


def read_attempt(line: bytes | str) -> Attempt:
    """One attempt. Raises InputError."""
    attempt = _decode(_attempts, line)
    return check_attempt(attempt)


def check_attempt(attempt: Attempt) -> Attempt:
    """An attempt whose fields make sense together. Raises InputError."""
    if not attempt.id.strip():
        raise InputError("id", "empty")
    if len(attempt.to) > LONGEST_CONTACT:
        raise InputError("to", f"longer than {LONGEST_CONTACT:,} characters")
    if len(attempt.body or "") > LONGEST_BODY:
        raise InputError("body", f"longer than {LONGEST_BODY:,} characters")
    for field, text in (("id", attempt.id), ("to", attempt.to), ("body", attempt.body)):
        _check_unicode(field, text)
    for field, texts, channels in (
        ("readings", attempt.readings, _OF_A_LETTER),
        ("also_to", attempt.also_to, _OF_A_LETTER),
        ("doubts", attempt.doubts, _READ_BY_A_MACHINE),
    ):
        _check_texts(attempt, field, texts, channels)
    if attempt.privileged and attempt.channel != "letter":
        raise InputError("privileged", f"not for a {attempt.channel}")
    if attempt.prisoner is None:
        if attempt.channel != "letter":
            raise InputError("prisoner", f"required for a {attempt.channel}")
    else:
        _check_prisoner("prisoner", attempt.prisoner)
    _check_establishment(attempt.establishment)
    if attempt.at is not None:
        _check_time("at", attempt.at)
    return attempt


def read_restriction(line: bytes | str) -> ReadRestriction:
    """One restriction; contact points and exceptions that cannot be used are left out and named.

    Raises InputError when nothing of it can be used.
    """
    return check_restriction(_decode(_restrictions, line))


def check_restriction(restriction: Restriction) -> ReadRestriction:
    """A restriction as `read_restriction` gives it, from one whose fields have their types already."""
    if not restriction.id.strip():
        raise InputError("id", "empty")
    if not restriction.prisoners:
        raise InputError("prisoner", "empty list")
    for n, prisoner in enumerate(restriction.prisoners):
        many = not isinstance(restriction.prisoner, str)
        _check_prisoner(f"prisoner[{n}]" if many else "prisoner", prisoner)
    if not restriction.protected.name.strip():
        raise InputError("protected.name", "empty")
    if not is_seen(restriction.protected.name):
        raise InputError("protected.name", NO_LETTER)
    _check_unicode("id", restriction.id)
    _check_unicode("protected.name", restriction.protected.name)
    _check_unicode("protected.aliases", restriction.protected.aliases)
    _check_unicode("court_order", restriction.court_order)
    _check_unicode("unread", restriction.unread)
    for prison in restriction.establishments:
        _check_establishment(prison)
    for field, value in (("from", restriction.from_), ("until", restriction.until)):
        if value is not None:
            _check_time(field, value)
    if (
        restriction.from_
        and restriction.until
        and dates.ends(restriction.until) <= dates.starts(restriction.from_)
    ):
        raise InputError("until", "before from")
    codes = area_codes(restriction)
    entered = _entered(restriction.contacts, codes)
    exceptions, problems = _exceptions(restriction.exceptions, codes)
    problems = [*entered.problems, *problems]
    unread = tuple(dict.fromkeys((*restriction.unread, *map(str, problems))))
    restriction = msgspec.structs.replace(
        restriction, contacts=entered.contacts, exceptions=exceptions, unread=unread
    )
    return ReadRestriction(restriction, tuple(problems), entered.told)


def read_confidential(line: bytes | str) -> ReadEntry:
    """One entry of the confidential register; unusable contact points are left out and named.

    Raises InputError when nothing of it can be used.
    """
    return check_confidential(_decode(_confidential, line))


def check_confidential(listed: ConfidentialEntry) -> ReadEntry:
    """A register entry as `read_confidential` gives it, from one whose fields have their types already."""
    if not listed.name.strip():
        raise InputError("name", "empty")
    for field, text in (("id", listed.id), ("name", listed.name), ("kind", listed.kind)):
        _check_unicode(field, text)
    entered = _entered(listed.contacts, for_register=True)
    return ReadEntry(
        msgspec.structs.replace(listed, contacts=entered.contacts), entered.problems, entered.told
    )


def _decode(decoder: msgspec.json.Decoder[T], line: bytes | str) -> T:
    try:
        refuse_repeated_keys(line)
        return decoder.decode(line)
    except RepeatedKeyError as error:
        raise InputError(error.named, str(error)) from None
    except msgspec.ValidationError as error:
        text = _QUOTED_VALUE.sub("not one of the values allowed - at", str(error))
        what, _, path = text.partition(" - at ")
        field = path.strip("`").removeprefix("$").lstrip(".")
        raise InputError(field, what) from None
    except msgspec.DecodeError as error:
        raise InputError("", f"not JSON: {error}") from None
    except UnicodeDecodeError as error:
        raise InputError("", f"not UTF-8: byte {error.start + 1}") from None
    except RecursionError:
        raise InputError("", "not JSON: nested too deeply") from None


class _Entered(NamedTuple):
    contacts: tuple[Contact, ...]
    problems: tuple[InputError, ...]
    told: tuple[InputError, ...]


def _entered(
    contacts: tuple[Contact, ...], area_codes: tuple[str, ...] = (), *, for_register: bool = False
) -> _Entered:
    """Contact points as entry reads them: each value by itself, each once. Raises InputError without any."""
    if not contacts:
        raise InputError("contacts", "empty; at least one is needed")
    if len(contacts) > MOST_CONTACTS:
        raise InputError("contacts", f"{len(contacts)} given, at most {MOST_CONTACTS} are allowed")
    points: dict[tuple[str, str], Contact] = {}
    problems: list[InputError] = []
    told: list[InputError] = []
    for n, contact in enumerate(contacts):
        field = f"contacts[{n}].value"
        read = _read_contact(contact, area_codes, for_register)
        problems += (InputError(field, what) for what in read.refused)
        told += (InputError(field, what) for what in read.told)
        for point in read.points:
            key = (point.contact.kind, point.read_as)
            if key in points:
                told.append(InputError(field, entry.REPEATED))
            points.setdefault(key, point.contact)
    if not points:
        first, *others = problems
        raise InputError(first.field, "; ".join([first.what, *map(str, others)]))
    if len(points) > MOST_CONTACTS:
        raise InputError("contacts", f"{len(points)} in all, at most {MOST_CONTACTS} are allowed")
    return _Entered(tuple(points.values()), tuple(problems), tuple(told))


def _read_contact(contact: Contact, area_codes: tuple[str, ...], for_register: bool) -> Entry:
    if len(contact.value) > LONGEST_CONTACT:
        return Entry((), (f"longer than {LONGEST_CONTACT:,} characters",))
    if not _is_unicode(contact.value):
        return Entry((), (NOT_UNICODE,))
    try:
        return entry.read(contact, area_codes, for_register=for_register)
    except Exception:  # whatever one value does to its reader, the record's others are read
        return Entry((), ("it cannot be read",))


def _exceptions(
    exceptions: tuple[Exemption, ...], area_codes: tuple[str, ...]
) -> tuple[tuple[Exemption, ...], list[InputError]]:
    usable: list[Exemption] = []
    problems: list[InputError] = []
    for n, exception in enumerate(exceptions):
        field = f"exceptions[{n}].contact"
        try:
            _check_prisoner(f"exceptions[{n}].prisoner", exception.prisoner)
            _check_unicode(f"exceptions[{n}].note", exception.note)
        except InputError as error:
            problems.append(error)
            continue
        read = _read_contact(guess_kind(exception.contact), area_codes, for_register=True)
        if read.refused:
            problems.append(InputError(field, read.refused[0]))
        elif len(read.points) > 1:
            problems.append(InputError(field, "one contact point at a time"))
        else:
            value = read.points[0].contact.value
            usable.append(msgspec.structs.replace(exception, contact=value))
    return tuple(usable), problems


def _check_texts(attempt: Attempt, field: str, texts: tuple[str, ...], channels: frozenset[Channel]) -> None:
    if texts and attempt.channel not in channels:
        raise InputError(field, f"not for a {attempt.channel}")
    if len(texts) > MOST_READINGS:
        raise InputError(field, f"more than {MOST_READINGS}")
    for n, text in enumerate(texts):
        if len(text) > LONGEST_CONTACT:
            raise InputError(f"{field}[{n}]", f"longer than {LONGEST_CONTACT:,} characters")
        _check_unicode(f"{field}[{n}]", text)


def _check_unicode(field: str, value: object) -> None:
    """What could be neither written to the ledger nor sent on: half of a character, as \\ud800."""
    if not _is_unicode(value):
        raise InputError(field, NOT_UNICODE)


def _is_unicode(value: object) -> bool:
    if isinstance(value, str) and value.isascii():
        return True
    try:
        _encode(value)
    except UnicodeEncodeError:
        return False
    return True


def _check_prisoner(field: str, value: str) -> None:
    if not is_prisoner_number(value):
        raise InputError(field, "not a prisoner number (a letter, four digits, two letters)")


def _check_establishment(value: str | None) -> None:
    if value is not None and not is_prison_code(value):
        raise InputError("establishment", "not a prison code (three capital letters)")


def _check_time(field: str, value: str) -> None:
    try:
        dates.starts(value)
    except ValueError:
        raise InputError(field, "not an ISO 8601 date or time") from None
