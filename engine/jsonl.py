"""JSON Lines in: one line to a restriction, a register entry or an attempt, or an error that names the field.

Error texts never repeat a value, so that they can be logged and shown.
"""

import re
from typing import NamedTuple, TypeVar

import msgspec

from engine import dates
from engine.listing import LONGEST_CONTACT, MOST_CONTACTS, UnreadableContactError, compile_contact, guess_kind
from engine.model import Attempt, ConfidentialEntry, Contact, Restriction
from engine.prison import is_prison_code, is_prisoner_number

LONGEST_BODY = 200_000
"""Characters of a message or letter: some sixty pages."""
MOST_READINGS = 32
"""Other readings of one envelope, other addresses on it, doubts: each is looked at as the first one is."""

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


class ReadEntry(NamedTuple):
    """A register entry as far as it could be read, and what had to be left out of it."""

    entry: ConfidentialEntry
    problems: tuple[InputError, ...]


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
    for field, texts in (
        ("readings", attempt.readings),
        ("also_to", attempt.also_to),
        ("doubts", attempt.doubts),
    ):
        _check_texts(attempt, field, texts)
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
    contacts, problems = _usable_contacts(restriction.contacts)
    exceptions = []
    for n, exception in enumerate(restriction.exceptions):
        try:
            _check_prisoner(f"exceptions[{n}].prisoner", exception.prisoner)
            compile_contact(guess_kind(exception.contact))
            exceptions.append(exception)
        except InputError as error:
            problems.append(error)
        except UnreadableContactError as error:
            problems.append(InputError(f"exceptions[{n}].contact", str(error)))
    if problems:
        restriction = msgspec.structs.replace(
            restriction, contacts=tuple(contacts), exceptions=tuple(exceptions)
        )
    return ReadRestriction(restriction, tuple(problems))


def read_confidential(line: bytes | str) -> ReadEntry:
    """One entry of the confidential register; unusable contact points are left out and named.

    Raises InputError when nothing of it can be used.
    """
    return check_confidential(_decode(_confidential, line))


def check_confidential(entry: ConfidentialEntry) -> ReadEntry:
    """A register entry as `read_confidential` gives it, from one whose fields have their types already."""
    if not entry.name.strip():
        raise InputError("name", "empty")
    contacts, problems = _usable_contacts(entry.contacts)
    return ReadEntry(msgspec.structs.replace(entry, contacts=tuple(contacts)), tuple(problems))


def _decode(decoder: msgspec.json.Decoder[T], line: bytes | str) -> T:
    try:
        return decoder.decode(line)
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


def _usable_contacts(contacts: tuple[Contact, ...]) -> tuple[list[Contact], list[InputError]]:
    if not contacts:
        raise InputError("contacts", "empty; at least one is needed")
    if len(contacts) > MOST_CONTACTS:
        raise InputError("contacts", f"{len(contacts)} given, at most {MOST_CONTACTS} are allowed")
    usable: list[Contact] = []
    problems: list[InputError] = []
    for n, contact in enumerate(contacts):
        try:
            compile_contact(contact)
            usable.append(contact)
        except UnreadableContactError as error:
            problems.append(InputError(f"contacts[{n}].value", str(error)))
    if not usable:
        first, *others = problems
        raise InputError(first.field, "; ".join([first.what, *map(str, others)]))
    return usable, problems


def _check_texts(attempt: Attempt, field: str, texts: tuple[str, ...]) -> None:
    if texts and attempt.channel != "letter":
        raise InputError(field, f"not for a {attempt.channel}")
    if len(texts) > MOST_READINGS:
        raise InputError(field, f"more than {MOST_READINGS}")
    for n, text in enumerate(texts):
        if len(text) > LONGEST_CONTACT:
            raise InputError(f"{field}[{n}]", f"longer than {LONGEST_CONTACT:,} characters")


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
