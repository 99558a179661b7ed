"""A prisoner's reply to an e-mail, as JSON or as an e-mail file, read into one attempt for each recipient.

Nothing is asked and nothing is kept here: bytes in, a `Reply` out. What a reader could see of an e-mail is
its text: the subject, the names beside the recipients' addresses, plain text and HTML, attached text and the
names of attached files. What cannot be read as text is a doubt, for which somebody has to look.
Errors name the field and repeat no value.
Source of the e-mail format: RFC 5322 and RFC 2045 to 2049, as the standard library's `email` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.errors import ObsoleteHeaderDefect
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, TypeVar

import msgspec

from adapters.messaging.pages import ReplyDoubt
from adapters.messaging.parts import LONGEST_HEADER, PartError, ReplyText
from engine.jsonl import InputError, check_attempt
from engine.model import Attempt
from engine.repeated_keys import RepeatedKeyError, refuse_repeated_keys
from matchers.prison import PRISONER_NUMBER

LONGEST_REPLY = 1024 * 1024
"""Bytes of a reply, attachments included."""
LONGEST_OF_PART = 1024
"""Bytes of a header that says what a part is."""
MOST_RECIPIENTS = 20
MOST_PARTS = 50
"""Parts of an e-mail, those within others included."""
MOST_BOUNDARIES = 500
"""Lines that begin as those between parts do; in a text some do too."""
LONGEST_ADDRESS = 320

_ID = re.compile(r"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,199}").fullmatch
_recipient_id = re.compile(r"(.+)#[1-9]\d?of([1-9]\d?)", re.ASCII | re.DOTALL).fullmatch
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f,;<>()\"]+@[^@\s\x00-\x1f\x7f-\x9f,;<>()\"]+").fullmatch
_PRISONER = re.compile(rf"(?<![A-Z0-9]){PRISONER_NUMBER}(?![A-Z0-9])")
_PLAIN_NAME = re.compile(
    r"(?:(?!(?:at|dot)\b)(?:[^\W\d_]['’])?[^\W\d_]{1,20}(?:\.?,? +|-|\.?$)){0,4}", re.I
).fullmatch
"""Up to four words: a number or an address that is spelled out has more."""
_BETWEEN_WORDS = re.compile(r"[._+-]")
_AROUND_A_NAME = "<>,;:\"' \t\r\n"
_REPLACED = "\ufffd"
_RECIPIENTS = ("To", "Cc", "Bcc")
_READ = frozenset("to cc bcc from subject message-id x-prisoner-number x-establishment".split())
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING_FIELD = re.compile(r"missing required field `(\w+)`")
_NAME_OF_FIELD = re.compile(r"[a-z_]{1,20}", re.ASCII).fullmatch

T = TypeVar("T")


class ReplyError(ValueError):
    """What cannot be read, in words that name the field and repeat no value."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what = what


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What was read: the attempts, one for each recipient, and what of it nobody could read."""

    id: str
    """The reply's own name, of which the attempts' ids are made."""
    attempts: tuple[Attempt, ...]
    """One for each recipient; `doubts` of each say what nobody could read."""

    def __repr__(self) -> str:
        return f"Reply({len(self.attempts)} attempts)"


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    prisoner: str
    to: str
    body: str
    establishment: str | None = None
    subject: str | None = None


_written = msgspec.json.Decoder(_Written)


def read_json(said: bytes) -> Reply:
    """A reply as JSON: `id`, `prisoner`, `to` (an e-mail address), `body`, and `establishment`, `subject`.

    Raises ReplyError.
    """
    _check_length(said)
    read = decode(_written, said)
    if not is_address(read.to):
        raise ReplyError("to", "not an e-mail address")
    check_id(read.id)
    body = "\n".join(text for text in (read.subject, read.body) if text)
    return Reply(id=read.id, attempts=(attempt(read.id, read.prisoner, read.establishment, read.to, body),))


def read_email(said: bytes) -> Reply:
    """A reply as an e-mail file: an attempt for each address in To, Cc and Bcc, as `recipient_id` names it.

    The prisoner number is the header `X-Prisoner-Number`, else in the local part of From; the prison code,
    if known, the header `X-Establishment`. Raises ReplyError, for broken MIME too.
    """
    _check_length(said)
    try:
        return _email(said)
    except ReplyError:
        raise
    except Exception:  # the parser fails on broken files in many ways
        raise ReplyError("e-mail", "not readable") from None


def attempt(
    identifier: str,
    prisoner: str,
    establishment: str | None,
    to: str,
    body: str,
    doubts: tuple[ReplyDoubt, ...] = (),
) -> Attempt:
    """One message, its fields checked. Raises ReplyError."""
    if not _ID(identifier):
        raise ReplyError("id", "not 1 to 200 printable characters")
    made = Attempt(
        id=identifier,
        channel="message",
        prisoner=prisoner,
        establishment=establishment,
        to=to,
        body=body,
        doubts=tuple(map(str, doubts)),
    )
    try:
        return check_attempt(made)
    except InputError as error:
        raise ReplyError(error.field, error.what) from None


def decode(decoder: msgspec.json.Decoder[T], said: bytes) -> T:
    """JSON, read by a decoder of one object. Raises ReplyError."""
    try:
        refuse_repeated_keys(said)
        return decoder.decode(said)
    except RepeatedKeyError as error:
        raise ReplyError(error.named or "body of the request", str(error)) from None
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ReplyError("body of the request", "not JSON") from None


def recipient_id(message: str, number: int, recipients: int) -> str:
    """The id of the attempt for one recipient of an e-mail; how many there are stands in it."""
    return f"{message}#{number}of{recipients}"


def recipient_of(identifier: str) -> tuple[str, int] | None:
    """The e-mail that `recipient_id` was made of and how many recipients it has; None for any other id."""
    read = _recipient_id(identifier)
    return None if read is None else (read[1], int(read[2]))


def check_id(identifier: str) -> None:
    """Raises ReplyError for an id of a gateway's that could be one of ours."""
    if recipient_of(identifier):
        raise ReplyError("id", "ends as only the ids of an e-mail's recipients do")


def is_address(text: str) -> bool:
    """Whether this is one e-mail address and nothing else."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS(text) is not None


def _invalid(text: str) -> ReplyError:
    """The decoder's error without whatever was sent."""
    if unknown := _UNKNOWN_FIELD.match(text):
        name = unknown[1]
        return ReplyError(name if _NAME_OF_FIELD(name) else "body of the request", "unknown field")
    what, _, path = text.partition(" - at ")
    if missing := _MISSING_FIELD.search(what):
        return ReplyError(missing[1], "missing")
    return ReplyError(path.strip("`").removeprefix("$").lstrip(".") or "body of the request", what)


def _check_length(said: bytes) -> None:
    if len(said) > LONGEST_REPLY:
        raise ReplyError("body of the request", f"longer than {LONGEST_REPLY:,} bytes")


def open_email(said: bytes) -> EmailMessage:
    """An e-mail file, parsed once it is known not to take long. Raises ReplyError."""
    _check_parts(said)
    message = message_from_bytes(said, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise ReplyError("e-mail", "not readable")
    return message


def text_of(message: EmailMessage, before: Iterable[str] = ()) -> tuple[str, set[ReplyDoubt]]:
    """Everything that a reader may see, behind `before`, and what could not be read.

    Raises ReplyError for broken MIME.
    """
    seen = ReplyText()
    seen.texts += before
    try:
        for part in message.walk():
            if not isinstance(part, EmailMessage):
                raise ReplyError("e-mail", "not readable")
            seen.add(part, is_whole=part is message)
    except PartError as error:
        raise ReplyError(error.field, error.what) from None
    text = seen.text()
    if _REPLACED in text or _has_surrogates(text):
        seen.doubts.add(ReplyDoubt.UNREADABLE_TEXT)
    return text.encode("utf-8", "replace").decode(), seen.doubts


def _email(said: bytes) -> Reply:
    message = open_email(said)
    _check_headers(message)
    identifier = _header(message, "Message-ID").removeprefix("<").removesuffix(">")
    if not identifier:
        raise ReplyError("message-id", "missing")
    check_id(identifier)
    recipients = _recipients(message)
    prisoner, establishment = _prisoner(message), _header(message, "X-Establishment") or None
    before = [str(message.get("Subject", "")), *_sender(message)]
    before += [text for name in _RECIPIENTS for text in _beside(message, name)]
    text, found = text_of(message, before)
    doubts = sorted(found)
    return Reply(
        id=identifier,
        attempts=tuple(
            attempt(
                recipient_id(identifier, n, len(recipients)), prisoner, establishment, to, text, tuple(doubts)
            )
            for n, to in enumerate(recipients, 1)
        ),
    )


def _check_parts(said: bytes) -> None:
    """Raises ReplyError for parts that would take long: the parser reads what they are before it is asked."""
    parts = length = boundaries = 0
    for line in said.splitlines():
        if line[:1] in (b" ", b"\t"):
            length += len(line) if length else 0
        elif line[:8].lower() == b"content-":
            parts += line[:13].lower() == b"content-type:"
            length = len(line)
        else:
            length = 0
            boundaries += line.startswith(b"--")
        if length > LONGEST_OF_PART or parts > MOST_PARTS or boundaries > MOST_BOUNDARIES:
            raise ReplyError("e-mail", "too many parts, or parts with headers that are too long")


def _check_headers(message: EmailMessage) -> None:
    """Raises ReplyError for what would take long to parse, or sends the e-mail where To does not say."""
    seen = set()
    for name, value in message.raw_items():
        field = name.lower()
        if field.startswith("resent-"):
            raise ReplyError("resent-to", "not accepted: who gets it cannot be told")
        if field in _READ and field in seen:
            raise ReplyError(field, "there is more than one")
        if field in _READ and len(value) > LONGEST_HEADER:
            raise ReplyError(field, f"longer than {LONGEST_HEADER:,} characters")
        seen.add(field)


def _header(message: EmailMessage, name: str) -> str:
    """A header's text, empty where there is none. Raises ReplyError for a broken one."""
    header = message.get(name, "")
    if _is_broken(header):
        raise ReplyError(name.lower(), "broken")
    return str(header).strip()


def _is_broken(header: Any) -> bool:
    defects = getattr(header, "defects", ())
    return _has_surrogates(str(header)) or any(not isinstance(one, ObsoleteHeaderDefect) for one in defects)


def _addresses(message: EmailMessage, name: str) -> tuple[Address, ...]:
    """The addresses of a header, those of its groups among them. Raises ReplyError for a broken one."""
    if not _header(message, name):
        return ()
    found: tuple[Address, ...] = message[name].addresses
    if not all(is_address(one.addr_spec) for one in found):
        raise ReplyError(name.lower(), "not an e-mail address")
    return found


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    """The addresses in their order, each once. Raises ReplyError."""
    named = (one.addr_spec for name in _RECIPIENTS for one in _addresses(message, name))
    found = tuple(dict.fromkeys(named))
    if not found:
        raise ReplyError("to", "missing")
    if len(found) > MOST_RECIPIENTS:
        raise ReplyError("to", f"more than {MOST_RECIPIENTS} recipients")
    return found


def _prisoner(message: EmailMessage) -> str:
    """Whose reply it is. Raises ReplyError when nobody, or two."""
    named = _header(message, "X-Prisoner-Number")
    parts = (one.username.upper() for one in _addresses(message, "From"))
    found: set[str] = {number for part in parts for number in _PRISONER.findall(part)}
    if named:
        found.add(named)
    if not found:
        raise ReplyError("prisoner", "no number in X-Prisoner-Number or in the sender's address")
    if len(found) > 1:
        raise ReplyError("prisoner", "X-Prisoner-Number and the sender's address name more than one")
    return found.pop()


def _sender(message: EmailMessage) -> Iterator[str]:
    """The sender's address and what stands beside it, but for a plain name: it is the writer's own."""
    parts = (part for one in _addresses(message, "From") for part in (one.username, one.domain))
    for text in (*_beside(message, "From"), *(_BETWEEN_WORDS.sub(" ", part) for part in parts)):
        said = re.sub(_PRISONER.pattern, "", text, flags=re.I).strip()
        if said and not _PLAIN_NAME(said):
            yield said


def _beside(message: EmailMessage, name: str) -> Iterator[str]:
    """What stands beside the addresses of a header: names, and all else, as names of groups and comments."""
    addresses = _addresses(message, name)
    yield from (one.display_name for one in addresses)
    rest = "".join(value for header, value in message.raw_items() if header.lower() == name.lower())
    rest = str(
        message.policy.header_fetch_parse("comments", rest)
    )  # as text, in which encoded words are read
    for one in addresses:
        rest = rest.replace(one.addr_spec, "\n", 1)
    yield from (text for line in rest.split("\n") if (text := line.strip(_AROUND_A_NAME)))


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
