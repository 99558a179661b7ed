"""An e-mail that asks for no contact, read into what an officer then confirms.

A file is opened as replies of prisoners are, within the same bounds; of it, or of a text that was pasted, are
found the numbers, addresses, e-mail addresses, accounts and names. Everything found is a guess about whose it
is, and the words stay whole beside it. Errors name the field and repeat no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from email.message import EmailMessage
from typing import NamedTuple

from adapters.messaging.parts import LONGEST_HEADER
from adapters.messaging.replies import ReplyError, open_email, text_of
from engine import entry
from engine.jsonl import LONGEST_BODY
from engine.model import Contact
from matchers import address, email_handle
from matchers.person import fold
from matchers.person.facts import GENDERS, full_forms
from matchers.prison import PRISONER_NUMBER, prison_name, prisons_named
from service.errors import InvalidError

LONGEST_EMAIL = 10 * 1024 * 1024
"""Bytes of a file, attachments included."""
LONGEST_TEXT = LONGEST_BODY
"""Characters of what is kept as the words of an e-mail."""
MOST_FOUND = 50
"""Of each kind that is filled in; all of it is in the words."""

NOT_READABLE = "the file is not an e-mail that can be read: save it as .eml, or paste its text"

_HEADERS = ("From", "Date", "Subject")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_prisoner = re.compile(rf"(?<![A-Za-z0-9]){PRISONER_NUMBER}(?![A-Za-z0-9])", re.IGNORECASE)
_phone = re.compile(r"(?<![\w@.+/-])(?:\+|\(?0)[\d()\t ./–-]{8,30}\d(?![\w@])")
_prison = re.compile(r"\bHM(?:P|\s?YOI)\b[^\n,.;]{0,40}|\bprison\b[^\n,.;]{0,40}", re.IGNORECASE)
_born = re.compile(
    r"\b(?:d\.?\s?o\.?\s?b\.?|date of birth|born)\b[^\d\n]{0,20}"
    r"(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s./-]+(?:of\s+)?(?P<month>\d{1,2}|[a-z]{3,9})[\s./-]+(?P<year>\d{4}))",
    re.IGNORECASE,
)
_WORD = r"(?!(?:DOB|HMP|HMYOI|YOI|PC|DC|The|My|He|She|I)\b)[A-ZÀ-Þ][^\W\d_]*(?:['’-][^\W\d_]+)*"
_name = re.compile(rf"{_WORD}(?:[ \t]+{_WORD}){{1,3}}")
_sought = re.compile(
    rf"(?i:prisoner|offender|inmate|against|named|called)"
    rf"(?i:['’]s)?(?i:[ \t]+name)?(?i:[ \t]+is)?[ \t:–-]{{1,4}}"
    rf"(?P<name>{_WORD}(?:[ \t]+{_WORD}){{1,3}})"
)
_behind = re.compile(
    rf"\W{{0,4}}(?:(?i:d\.?\s?o\.?\s?b|date of birth|born|who is (?:in|at)|is (?:in|at)|in|at)\b"
    rf"(?:\W+(?i:HM|prison))?|(?i:{PRISONER_NUMBER})\b)"
)
_protected = re.compile(
    rf"(?i:victim|protected person|person to be protected|complainant|to protect|contact with|contacting)"
    rf"(?i:['’]s)?(?i:[ \t]+name)?(?i:[ \t]+is)?[ \t:–-]{{1,4}}(?P<name>{_WORD}(?:[ \t]+{_WORD}){{1,3}})"
)
_myself = re.compile(rf"(?i:my name is|i am|i'm)[ \t]+(?P<name>{_WORD}(?:[ \t]+{_WORD}){{1,3}})")


class EmailRead(NamedTuple):
    """What was found in it. All of it is protected."""

    words: str
    """The whole of it."""
    asker: str = ""
    email: str = ""
    """Of whoever sent it."""
    sought: str = ""
    number: str = ""
    prison: str = ""
    born: str = ""
    """ISO 8601 date."""
    name: str = ""
    """Of the person to be protected."""
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Every name that was found."""
    doubts: tuple[str, ...] = ()
    """What of it nobody could read, such as a picture."""


def read_file(said: bytes) -> EmailRead:
    """An e-mail file (RFC 5322). Raises InvalidError in words for whoever chose the file."""
    if len(said) > LONGEST_EMAIL:
        raise InvalidError(f"the file is larger than {LONGEST_EMAIL // 1024 // 1024} MB", "email_file")
    try:
        message = open_email(said)
        heads = {name: _header(message, name) for name in _HEADERS}
        text, doubts = text_of(message, (heads["Subject"],))
        senders = message["From"].addresses if heads["From"] else ()
    except ReplyError as error:
        is_broken = error.what.startswith("broken") or error.what == "not readable"
        what = (
            NOT_READABLE if is_broken else f"the e-mail cannot be read, it has {error.what}: paste its text"
        )
        raise InvalidError(what, "email_file") from None
    except Exception:  # the parser fails on broken files in many ways
        raise InvalidError(NOT_READABLE, "email_file") from None
    if not (heads["From"] or heads["Subject"]):
        raise InvalidError(NOT_READABLE, "email_file")
    sender = senders[0] if senders else None
    words = f"From: {heads['From']}\nDate: {heads['Date']}\n\n{text}"
    return _found(
        words,
        text,
        asker=_plain(sender.display_name) if sender else "",
        email=_plain(sender.addr_spec) if sender else "",
        doubts=tuple(sorted(map(str, doubts))),
    )


def read_text(text: str) -> EmailRead:
    """The text of an e-mail, or what somebody wrote down. Raises InvalidError where there is none."""
    if not text.strip():
        raise InvalidError("choose a file, or paste the text of the e-mail", "email_text")
    return _found(text.strip(), text)


def _header(message: EmailMessage, name: str) -> str:
    lines = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    if any(len(value) > LONGEST_HEADER for value in lines):
        raise ReplyError(name.lower(), f"a line {name} of more than {LONGEST_HEADER:,} characters")
    read = str(message.get(name, ""))
    return " ".join(_plain(lines[0] if "\ufffd" in read else read).split())


def _plain(text: str) -> str:
    """Bytes that no encoding was named for, as most who do not name one mean them."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _found(
    words: str, text: str, asker: str = "", email: str = "", doubts: tuple[str, ...] = ()
) -> EmailRead:
    if len(words) > LONGEST_TEXT:
        raise InvalidError(f"longer than {LONGEST_TEXT:,} characters", "email_text")
    found = list(email_handle.find(text))
    mails = (one.account.canonical for one in found if one.account.kind == "email")
    codes = {code.partition(" ")[2].lower() for _, _, code in address.find_postcodes(text)}
    handles = (one.account.canonical for one in found if one.account.kind == "handle")
    names = list(_first(_names(text)))
    asker = asker or _named(_myself, text)
    sought = _named(_sought, text) or next(_followed(text), "")
    others = (one for one in names if fold(one) not in {fold(sought), fold(asker)})
    numbers = list(_first(match[0].upper() for match in _prisoner.finditer(text)))
    return EmailRead(
        words=words,
        asker=asker,
        email=email,
        sought=sought,
        number=numbers[0] if len(numbers) == 1 else "",
        prison=", ".join(_first(_prisons(text))),
        born=next(_days(text), ""),
        name=_named(_protected, text) or next(others, asker),
        phones=tuple(_first(_phones(text))),
        addresses=tuple(_first(" ".join(given.split()) for _, _, given in address.find_in_text(text))),
        emails=tuple(_first(one for one in mails if one != email.lower())),
        accounts=tuple(
            _first(f"@{one}" for one in handles if one not in codes and not _prisoner.fullmatch(one))
        ),
        names=tuple(names),
        doubts=doubts,
    )


def _first(values: Iterable[str]) -> Iterator[str]:
    return iter(list(dict.fromkeys(values))[:MOST_FOUND])


def _phones(text: str) -> Iterator[str]:
    for match in _phone.finditer(text):
        for point in entry.read(Contact(kind="phone", value=match[0])).points:
            yield point.contact.value


def _prisons(text: str) -> Iterator[str]:
    for match in _prison.finditer(text):
        yield from sorted(map(prison_name, prisons_named(match[0])))


def _days(text: str) -> Iterator[str]:
    for match in _born.finditer(text):
        month = match["month"] or match["m"]
        if not month.isdigit():
            month = str(_MONTHS.index(month[:3].lower()) + 1) if month[:3].lower() in _MONTHS else "0"
        try:
            yield date(
                int(match["year"] or match["y"]), int(month), int(match["day"] or match["d"])
            ).isoformat()
        except ValueError:
            continue


def _names(text: str) -> Iterator[str]:
    """Words with capitals of which the first is a given name."""
    return (match[0] for match in _name.finditer(text) if _is_given(match[0].split()[0]))


def _is_given(word: str) -> bool:
    return fold(word) in GENDERS or fold(word) in full_forms()


def _followed(text: str) -> Iterator[str]:
    """Names behind which stands what is said of a prisoner: a number, a day of birth, a prison."""
    for match in _name.finditer(text):
        if _is_given(match[0].split()[0]) and _behind.match(text, match.end()):
            yield match[0]


def _named(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match["name"] if match else ""
