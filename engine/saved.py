"""The saved form of a blocklist: bytes that load fast and are checked before a byte of them is believed."""

import sys
from hashlib import sha256

import msgspec

from engine.blocklist import FORMAT, Blocklist, Index
from engine.listing import ConfidentialListing, Listing

_MAGIC = b"nocontact-blocklist\n"


class SavedBlocklistError(ValueError):
    """A saved blocklist that is damaged, cut off, or of another format or machine."""


class _Header(msgspec.Struct):
    format: int
    byte_order: str
    version: str
    complete: bool
    lengths: list[int]


def save(blocklist: Blocklist) -> bytes:
    """The saved form: magic, SHA-256 of all that follows, header, sections."""
    if not (isinstance(blocklist.restricted, Index) and isinstance(blocklist.confidential, Index)):
        raise TypeError("only a compiled blocklist can be saved")
    sections = [*blocklist.restricted.sections(), *blocklist.confidential.sections()]
    header = msgspec.json.encode(
        _Header(FORMAT, sys.byteorder, blocklist.version, blocklist.complete, [len(s) for s in sections])
    )
    body = b"".join((len(header).to_bytes(8, "little"), header, *sections))
    return _MAGIC + sha256(body).digest() + body


def load(saved: bytes) -> Blocklist:
    """Read a saved blocklist back. Raises SavedBlocklistError, and never gives half of one."""
    if not saved.startswith(_MAGIC):
        raise SavedBlocklistError("not a saved blocklist")
    view = memoryview(saved)[len(_MAGIC) :]
    digest, body = bytes(view[:32]), view[32:]
    if sha256(body).digest() != digest:
        raise SavedBlocklistError("damaged: its checksum does not agree")
    size = int.from_bytes(body[:8], "little")
    header = msgspec.json.decode(body[8 : 8 + size], type=_Header)
    if header.format != FORMAT or header.byte_order != sys.byteorder:
        raise SavedBlocklistError("of another format; build it again from the restrictions")
    sections, at = [], 8 + size
    for length in header.lengths:
        sections.append(bytes(body[at : at + length]))
        at += length
    half = len(sections) // 2
    return Blocklist(
        header.version,
        Index.from_sections(Listing, sections[:half]),
        Index.from_sections(ConfidentialListing, sections[half:]),
        header.complete,
    )
