"""What a `submit_sm` of SMPP 3.4 says: whose text it is, to whom, and the text, or which part of one.

What cannot be read as a plain text from one prisoner to one number is an error, and errors repeat no value.
Source: SMPP 3.4, issue 1.2; 3GPP TS 23.040, 9.2.3.24, for parts of long texts; 3GPP TS 23.038 for letters.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from typing import Literal

import msgspec
import smpp34

from matchers.prison import is_prisoner_number

PRISONER_TAG = 0x1403
"""The optional parameter in which a platform says whose text it is: one of those left to vendors."""
MOST_PARTS = 20
"""Parts of a long text; networks put together far fewer."""
LONGEST_PART = 254
LONGEST_TEXT = MOST_PARTS * LONGEST_PART
"""Octets of a text in one `message_payload`: as many as in parts."""
SAME_FOR = 300
"""Seconds for which the same text with the same reference is a repetition."""


class UnreadableError(ValueError):
    """A submit_sm that cannot be read as a plain text from one prisoner to one number; repeats no value."""


class TextPart(msgspec.Struct, frozen=True):
    """Which part of a long text something is: number 1 to `total` of all with this reference."""

    form: Literal["8 bit", "16 bit", "sar"]
    reference: int
    total: int
    number: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a submit_sm: a text, or a part of one."""

    prisoner: str
    beside: tuple[str, ...]
    """What goes on beside the text: the sender, unless it is the prisoner number, and a vendor's words."""
    to: str
    """The number as it is dialled at home, or with + and the country code."""
    coding: int
    octets: bytes
    place: TextPart | None
    reference: bytes
    """The platform's own: `user_message_reference`, empty where there is none."""

    def __repr__(self) -> str:
        return f"Message({len(self.octets)} octets, {self.place})"


def read(submitted: smpp34.SubmitSmEvent, prisoner_tag: int = PRISONER_TAG) -> Message:
    """What a submit_sm says. Raises UnreadableError."""
    values = _values(submitted)
    if submitted.esm_class & _NO_PLAIN_TEXT or submitted.protocol_id or values.keys() & _ELSEWHERE:
        raise UnreadableError("something else than a plain text")
    if not _NAME(submitted.source_addr) or not _NAME(submitted.service_type):
        raise UnreadableError("source or service in letters that cannot be told")
    place, octets = _part(submitted, values)
    if submitted.data_coding == UCS2 and len(octets) % 2:
        raise UnreadableError("half a letter")
    source = submitted.source_addr
    return Message(
        prisoner=_prisoner(source, values.get(prisoner_tag)),
        beside=(
            "" if is_prisoner_number(source.upper()) else source,
            *(
                _words(value)
                for tag, value in values.items()
                if tag not in {prisoner_tag, *_NO_WORDS, *_READ_ELSEWHERE}
            ),
        ),
        to=_number(submitted),
        coding=submitted.data_coding,
        octets=octets,
        place=place,
        reference=values.get(_USER_MESSAGE_REFERENCE, b""),
    )


def body_of(parts: Sequence[Message]) -> str:
    """What the recipient may see: who it is from, and the text of these parts, put together in this order.

    A text that a telephone may show in two ways is there in both. Raises UnreadableError.
    """
    if len({one.coding for one in parts}) != 1:
        raise UnreadableError("parts in several codings")
    octets = b"".join(one.octets for one in parts)
    readings = decode(parts[0].coding, octets)
    if not readings[0]:
        raise UnreadableError("no text")
    beside = dict.fromkeys(words for one in parts for words in one.beside if words)
    return "\n".join((*beside, *readings))


def decode(coding: int, octets: bytes) -> tuple[str, ...]:
    """Octets in one of the four data codings that are text, in each way that they may be meant.

    UCS-2 is big-endian, but some platforms send it the other way round, with a mark or without; some call
    ASCII the default alphabet, in which @ and _ are other letters; and some call UTF-8 Latin-1 or UCS-2.
    Raises UnreadableError when in none.
    """
    first, *others = (_decoded(octets, codec) for codec in _CODECS.get(coding, ("",)))
    meant = [text for text in others if text is not None and _may_be_meant(text, first or "")]
    utf_8 = _decoded(octets, "utf-8") if coding in _PERHAPS_UTF8 else None
    if utf_8 is not None and (not utf_8.isascii() or _may_be_meant(utf_8, first or "")):
        meant.append(utf_8)
    if first is None and not meant:
        raise UnreadableError("no text in a known coding")
    return (*(() if first is None else (first,)), *meant)


def _decoded(octets: bytes, codec: str) -> str | None:
    try:
        return _septets(octets) if codec == _GSM else octets.decode(codec)
    except (UnicodeDecodeError, UnreadableError, LookupError):
        return None


def _may_be_meant(text: str, instead_of: str) -> bool:
    """Whether a text has more plain letters, digits and signs than what it would be instead of, and no others
    that cannot be shown."""
    plain, others = (sum(" " <= sign <= "~" for sign in one) for one in (text, instead_of))
    return plain > others and all(sign >= " " or sign in "\r\n" for sign in text)


def attempt_id(parts: Sequence[Message], now: float) -> str:
    """The check's id of a text at this Unix time.

    A text whose parts all have the platform's reference is named by its content, the references and the time
    in steps of SAME_FOR: what is sent again within a step is the same attempt, with the same answer, recorded
    once. Not for longer: references come round again, and the service gives an id its first answer for ever.
    Without references the id is a new one, and a repetition an attempt of its own.
    """
    if not all(one.reference for one in parts):
        return uuid.uuid4().hex
    named = [(one.prisoner, one.to, one.beside, one.coding, one.octets, one.reference) for one in parts]
    return hashlib.sha256(msgspec.msgpack.encode((int(now // SAME_FOR), named))).hexdigest()


_MESSAGE_PAYLOAD = 0x0424
_USER_MESSAGE_REFERENCE = 0x0204
_SAR = (0x020C, 0x020E, 0x020F)
"""`sar_msg_ref_num`, `sar_total_segments`, `sar_segment_seqnum`."""
_ELSEWHERE = frozenset(
    {
        0x0008,  # dest_telematics_id: a fax, say
        0x0019,  # payload_type
        0x001D,  # additional_status_info_text
        0x0202,  # source_subaddress
        0x0203,  # dest_subaddress
        0x020A,  # source_port
        0x020B,  # destination_port: for a program on the telephone
        0x0303,  # callback_num_atag: a name that is shown with the text
        0x0381,  # callback_num: a number that is
        0x0501,  # ussd_service_op
    }
)
"""Optional parameters (SMPP 3.4, 5.3.2) by which more than the text is shown, or to somebody else."""
_NO_WORDS = {
    **dict.fromkeys((0x0005, 0x0006, 0x0007), 1),  # subunit, network and bearer of the recipient
    **dict.fromkeys((0x000D, 0x000E, 0x000F, 0x0010), 1),  # the same of the sender, and his telematics
    **{0x0017: 4, 0x0201: 1, 0x020D: 1, 0x0426: 1},  # time to live, privacy, language, more messages to send
    **{0x1201: 1, 0x1203: 2, 0x1204: 1, 0x130C: 0},  # display time, signal, validity, alert on delivery
    _USER_MESSAGE_REFERENCE: 2,
}
"""Those that hold a number of a few bits, and how many octets (SMPP 3.4, 5.3.2); any other may hold words."""
_READ_ELSEWHERE = frozenset({_MESSAGE_PAYLOAD, *_SAR})
_HEADER = 0x40
_NO_PLAIN_TEXT = 0x3C
"""Bits of `esm_class`: the text begins with a header; it is no text but a receipt or its like."""
_INTERNATIONAL, _NATIONAL, _UNKNOWN = 1, 2, 0
"""Types of number; and of numbering plan, where 1 is that of telephones."""

_NAME = re.compile(r"[ -~]{0,20}", re.ASCII).fullmatch
"""Whether a text is a prisoner number."""
_INTERNATIONAL_NUMBER = re.compile(r"\+?([1-9]\d{4,14})", re.ASCII).fullmatch
_NATIONAL_NUMBER = re.compile(r"0?([1-9]\d{4,14})", re.ASCII).fullmatch
_UNTYPED_NUMBER = re.compile(r"(?:\+[1-9]|0|44)\d{4,18}", re.ASCII).fullmatch


def _values(submitted: smpp34.SubmitSmEvent) -> dict[int, bytes]:
    """The optional parameters. Raises UnreadableError for one that is there twice, or has another length."""
    values = {one.tag: one.value for one in submitted.tlvs}
    if len(values) != len(submitted.tlvs):
        raise UnreadableError("an optional parameter twice")
    if any(len(value) != _NO_WORDS.get(tag, len(value)) for tag, value in values.items()):
        raise UnreadableError("an optional parameter of another length")
    return values


def _words(value: bytes) -> str:
    """What a parameter that nobody knows holds. Raises UnreadableError when that is no plain text."""
    said = value.rstrip(b"\0").decode("ascii", "replace")
    if not said.isprintable() or "\ufffd" in said:
        raise UnreadableError("a parameter that cannot be read")
    return said


def _prisoner(source: str, parameter: bytes | None) -> str:
    """Whose text it is. Raises UnreadableError when nobody's, or two people's."""
    named = set()
    if parameter is not None:
        named.add(parameter.rstrip(b"\0").decode("ascii", "replace"))
    if is_prisoner_number(source.upper()):
        named.add(source.upper())
    if len(named) != 1 or not is_prisoner_number(prisoner := named.pop()):
        raise UnreadableError("no prisoner number, or two that differ")
    return prisoner


def _number(submitted: smpp34.SubmitSmEvent) -> str:
    """Who gets it, so that it cannot be read in two ways: other digits of another country are somebody's too.

    Raises UnreadableError.
    """
    kind, address = submitted.dest_addr_ton, submitted.destination_addr
    if submitted.dest_addr_npi in (0, 1):
        if kind == _INTERNATIONAL and (read := _INTERNATIONAL_NUMBER(address)):
            return f"+{read[1]}"
        if kind == _NATIONAL and (read := _NATIONAL_NUMBER(address)):
            return f"0{read[1]}"
        if kind == _UNKNOWN and _UNTYPED_NUMBER(address):
            return address
    raise UnreadableError("no telephone number, or one of an unknown country")


def _part(submitted: smpp34.SubmitSmEvent, values: dict[int, bytes]) -> tuple[TextPart | None, bytes]:
    """The octets of a text or of a part, and which part it is. Raises UnreadableError."""
    short, payload = submitted.short_message, values.get(_MESSAGE_PAYLOAD, b"")
    if (short and payload) or len(short) > LONGEST_PART or len(payload) > LONGEST_TEXT:
        raise UnreadableError("two texts, or one that is too long")
    octets, place = short or payload, _sar(values)
    if submitted.esm_class & _HEADER:
        if place is not None:
            raise UnreadableError("a part in two ways")
        place, octets = _headed(octets)
    if place is not None and not 1 <= place.number <= place.total:
        raise UnreadableError("a part that cannot be")
    return place, octets


def _sar(values: dict[int, bytes]) -> TextPart | None:
    """Which part it is, where optional parameters say so. Raises UnreadableError when only some do."""
    if not values.keys() & set(_SAR):
        return None
    reference, total, number = (values.get(tag, b"") for tag in _SAR)
    if (len(reference), len(total), len(number)) != (2, 1, 1):
        raise UnreadableError("a part that is not described whole")
    return TextPart("sar", int.from_bytes(reference, "big"), total[0], number[0])


def _headed(octets: bytes) -> tuple[TextPart, bytes]:
    """A header of one element, which says which part it is; others make more of the octets than a text."""
    match list(octets[: octets[0] + 1] if octets else b""):
        case [5, 0x00, 3, reference, total, number]:
            return TextPart("8 bit", reference, total, number), octets[6:]
        case [6, 0x08, 4, high, low, total, number]:
            return TextPart("16 bit", high << 8 | low, total, number), octets[7:]
    raise UnreadableError("a header that is broken, or not of a part")


DEFAULT_ALPHABET, LATIN1, UCS2 = 0, 3, 8
_PERHAPS_UTF8 = frozenset({LATIN1, UCS2})
_GSM = "gsm"
_CODECS = {
    DEFAULT_ALPHABET: (_GSM, "ascii"),
    1: ("ascii",),
    LATIN1: ("latin-1",),
    UCS2: ("utf-16-be", "utf-16-le"),
}
"""SMPP 3.4, 5.2.19, the likeliest first. Others are binary, or letters of which nobody here is sure."""

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1: the GSM 7 bit default alphabet and its extension table.
_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}


def _septets(octets: bytes) -> str:
    """The default alphabet, a septet in an octet. Raises UnreadableError."""
    letters, rest = [], iter(octets)
    for septet in rest:
        letter = _EXTENSION.get(next(rest, -1)) if septet == _ESCAPE else _BASIC[septet : septet + 1]
        if not letter:
            raise UnreadableError("no letter of the default alphabet")
        letters.append(letter)
    return "".join(letters)
