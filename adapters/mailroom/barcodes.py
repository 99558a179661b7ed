"""Codes on envelopes: our own labels, Royal Mail's Mailmark, Send Legal Mail. What each proves, and what not.

No code opens the gate. A code is printed, and what is printed can be copied: it names a thing to look up, or
says where postage was paid to. What it says is another address to check, never a reason to allow.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from adapters.mailroom.postcodes import postcode_of

if TYPE_CHECKING:
    from adapters.mailroom.images import Picture

MOST_CODES = 20
"""Of one picture; a sheet of them is no envelope."""


class CodeKind(StrEnum):
    """Whose code it is."""

    OWN_LABEL = "own_label"
    MAILMARK = "mailmark"
    SEND_LEGAL_MAIL = "send_legal_mail"
    OTHER = "other"

    @property
    def proves(self) -> str:
        """In one sentence."""
        return _PROVES[self][0]

    @property
    def does_not_prove(self) -> str:
        """In one sentence."""
        return _PROVES[self][1]


_PROVES = {
    CodeKind.OWN_LABEL: (
        "This item was taken in before, under this name.",
        "That the label is on the letter that it was printed for.",
    ),
    CodeKind.MAILMARK: (
        "Postage was bought for a delivery point with this postcode.",
        "That this letter is the one it was bought for, or goes there.",
    ),
    CodeKind.SEND_LEGAL_MAIL: (
        "Nothing by itself: its own service has to be asked, and its codes are for mail to prisons.",
        "That a letter on its way out is privileged.",
    ),
    CodeKind.OTHER: ("Nothing.", "Anything."),
}


class Code(msgspec.Struct, frozen=True):
    """One code. `text` may hold a protected detail."""

    kind: CodeKind
    text: str
    item: str | None = None
    """Of our own label."""
    postcode: str | None = None
    """Where a Mailmark's postage was bought to."""

    def __repr__(self) -> str:
        return f"Code({self.kind}, {len(self.text)} characters)"


_OWN = re.compile(r"nocontact:([A-Z2-7]{16}):([0-9a-f]{8})")
_MAILMARK = re.compile(
    # Royal Mail's 2D definition: country, type, version, class, supply chain, item, destination and DPS.
    r"JGB (?P<type>[0-9A-Z])(?P<version>[0-9A-Z])(?P<class>[0-9A-Z])(?P<chain>[0-9]{7})(?P<item>[0-9]{8})"
    r"(?P<destination>[0-9A-Z ]{9}).*",
    re.DOTALL,
)
_SEND_LEGAL_MAIL = re.compile(r"[0-9]{12}")
_FORMATS = ("QRCode", "DataMatrix", "Code128")


def own_label(item: str) -> str:
    """What our own label's code says. The check is against misreadings; it keeps nobody from copying it."""
    return f"nocontact:{item}:{_check(item)}"


def find(picture: Picture) -> tuple[Code, ...]:
    """The codes on a picture, the first twenty."""
    import zxingcpp  # in a reading process; what a code proves is told without it

    formats = [getattr(zxingcpp.BarcodeFormat, name) for name in _FORMATS]
    found = zxingcpp.read_barcodes(picture, formats=formats)  # type: ignore[arg-type]
    return tuple(understood(one.text) for one in found[:MOST_CODES] if one.valid)


def understood(text: str) -> Code:
    """Whose code a text is."""
    own = _OWN.fullmatch(text)
    if own is not None and own[2] == _check(own[1]):
        return Code(CodeKind.OWN_LABEL, text, item=own[1])
    mailmark = _MAILMARK.fullmatch(text)
    if mailmark is not None:
        return Code(CodeKind.MAILMARK, text, postcode=_postcode(mailmark["destination"]))
    if _SEND_LEGAL_MAIL.fullmatch(text):
        return Code(CodeKind.SEND_LEGAL_MAIL, text)
    return Code(CodeKind.OTHER, text)


def _postcode(destination: str) -> str | None:
    """The postcode of nine places that hold it and two of a delivery point suffix: `QB14AB1A`."""
    letters = destination.replace(" ", "")[:-2]
    return postcode_of(f"1 High Street\n{letters[:-3]} {letters[-3:]}") if len(letters) > 4 else None


def _check(item: str) -> str:
    return hashlib.sha256(item.encode()).hexdigest()[:8]
