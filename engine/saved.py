"""The saved form of a blocklist: bytes that load fast and are checked before a byte of them is believed."""

import sys
from hashlib import sha256
from typing import NamedTuple, TypeVar

import msgspec

from engine.blocklist import FORMAT, Blocklist, Index
from engine.listing import ConfidentialListing, Listing
from engine.model import ConfidentialEntry, Monitoring, Restriction
from engine.policy import Policy, PolicyError
from engine.postings import Records
from engine.understood import Understanding

_MAGIC = b"nocontact-blocklist\n"


class SavedBlocklistError(ValueError):
    """A saved blocklist that is damaged, cut off, or of another format or machine."""


class _Header(msgspec.Struct):
    format: int
    byte_order: str
    version: str
    complete: bool
    lengths: list[int]
    heightened: dict[str, Monitoring] = {}
    policy: Policy | None = None


class _RestrictionAlone(msgspec.Struct, array_like=True):
    """As much of a listing as every format has."""

    restriction: Restriction


class _EntryAlone(msgspec.Struct, array_like=True):
    """The same of the register."""

    entry: ConfidentialEntry


A = TypeVar("A", _RestrictionAlone, _EntryAlone)


class Saved(NamedTuple):
    """A saved blocklist with the policy that was in force with it; None where none was saved."""

    blocklist: Blocklist
    policy: Policy | None


class Sources(NamedTuple):
    """What a saved blocklist was compiled from, to be compiled anew."""

    restrictions: list[Restriction]
    register: list[ConfidentialEntry]
    complete: bool
    heightened: dict[str, Monitoring]
    unknown: tuple[str, ...] = ()
    """Names of what is in it and not known to this version (`engine.understood`)."""


def save(blocklist: Blocklist, policy: Policy | None = None) -> bytes:
    """The saved form: magic, SHA-256 of all that follows, header, sections. `policy` is the one in force."""
    return b"".join(pieces(blocklist, policy))


def pieces(blocklist: Blocklist, policy: Policy | None = None) -> list[bytes]:
    """The same in the pieces that it is made of: joined, a million contact points are copied once more."""
    if not (isinstance(blocklist.restricted, Index) and isinstance(blocklist.confidential, Index)):
        raise TypeError("only a compiled blocklist can be saved")
    sections = [*blocklist.restricted.sections(), *blocklist.confidential.sections()]
    header = msgspec.json.encode(
        _Header(
            FORMAT,
            sys.byteorder,
            blocklist.version,
            blocklist.complete,
            [len(s) for s in sections],
            dict(blocklist.heightened),
            policy,
        )
    )
    body = [len(header).to_bytes(8, "little"), header, *sections]
    digest = sha256()
    for piece in body:
        digest.update(piece)
    return [_MAGIC, digest.digest(), *body]


def load(saved: bytes | memoryview, *, verified: bool = False) -> Blocklist:
    """Read a saved blocklist back, where it lies. Raises SavedBlocklistError, and never gives half of one.

    `verified` says that the bytes are known to be those that were saved: a seal was opened, or this machine
    looked at them before. Otherwise their checksum is asked, which reads all of them.
    """
    return load_with_policy(saved, verified=verified).blocklist


def load_with_policy(saved: bytes | memoryview, *, verified: bool = False) -> Saved:
    """The same, with the policy saved in it, which is held to the floor of every policy."""
    header, sections = _read(saved, verified=verified)
    if header.format != FORMAT or header.byte_order != sys.byteorder:
        raise SavedBlocklistError("of another format; build it again from the restrictions")
    half = len(sections) // 2
    blocklist = Blocklist(
        header.version,
        Index.from_sections(Listing, sections[:half]),
        Index.from_sections(ConfidentialListing, sections[half:]),
        header.complete,
        header.heightened,
    )
    return Saved(blocklist, header.policy)


def sources(saved: bytes | memoryview) -> Sources:
    """What it was compiled from, of whatever format the rest is: what a program of another version left.

    Raises SavedBlocklistError where its listings do not stand where they always stood.
    """
    header, sections = _read(saved)
    half = len(sections) // 2
    try:
        if header.byte_order != sys.byteorder:
            raise ValueError
        unknown: dict[str, None] = {}
        restrictions = [one.restriction for one in _records(sections[1], _RestrictionAlone, unknown)]
        register = [one.entry for one in _records(sections[half + 1], _EntryAlone, unknown)]
    except (msgspec.DecodeError, ValueError, IndexError):
        raise SavedBlocklistError("of another format; build it again from the restrictions") from None
    return Sources(restrictions, register, header.complete, header.heightened, tuple(unknown))


def _records(section: memoryview, kind: type[A], unknown: dict[str, None]) -> list[A]:
    decode, records = Understanding(kind).decode, Records.from_bytes(section)
    read = [decode(record) for row in range(len(records)) if (record := records[row])]
    unknown |= {name: None for _, names in read for name in names}
    return [one for one, _ in read]


def _read(saved: bytes | memoryview, *, verified: bool = False) -> tuple[_Header, list[memoryview]]:
    """The header and the sections, once the checksum agrees. Raises SavedBlocklistError."""
    view = memoryview(saved)
    if view[: len(_MAGIC)] != _MAGIC:
        raise SavedBlocklistError("not a saved blocklist")
    view = view[len(_MAGIC) :]
    digest, body = bytes(view[:32]), view[32:]
    if not verified and sha256(body).digest() != digest:
        raise SavedBlocklistError("damaged: its checksum does not agree")
    size = int.from_bytes(body[:8], "little")
    try:
        header = msgspec.json.decode(body[8 : 8 + size], type=_Header)
    except (PolicyError, msgspec.ValidationError):
        raise SavedBlocklistError("its policy cannot be used; save it again") from None
    sections, at = [], 8 + size
    for length in header.lengths:
        sections.append(body[at : at + length])
        at += length
    return header, sections
