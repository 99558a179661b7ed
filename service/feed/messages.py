"""What goes over the feed: a snapshot to begin from, changes of it, beats, and the reports of the nodes.

A change and a snapshot are sealed with the **feed key**, which nodes get from the centre, and signed by the
centre: over what carries them (Redis, a file at a URL) nothing can be read, made up, changed, left out or
put in another order unnoticed. Each change says the hash of the one before it, so that the changes are a
chain; a snapshot stands at one of its links, and a **beat** says every second which the last one is, so that
a node knows that it is cut off, or that changes are kept from it. A report is authenticated with the
**node's key**, which the centre makes out of its own for each node by name.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final, Literal, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.model import ConfidentialEntry, Monitoring, Restriction
from engine.policy import Policy
from engine.understood import Understanding
from service.registry.prisoners import Whereabouts
from service.storage.sealing import SealError, Vault, open_with, seal_with

FORMAT: Final = 1
"""Of what is below. A node refuses one that it does not know and keeps what it has. What only adds fields,
reasons or kinds of contact points keeps the number: `engine.understood` says what another version makes of
that, and `unknown` names it."""
START = "0" * 64
"""What the first change stands behind."""

CHANGES, SNAPSHOT, BEAT, REPORTS = (
    "{nocontact}:changes", "{nocontact}:snapshot", "{nocontact}:beat", "{nocontact}:reports",
)  # fmt: skip
"""Redis keys: a stream of changes (`<number>-0`, its field `MESSAGE`), the snapshot, the beat, and a stream
of reports (fields `NODE` and `REPORT`). What is in braces keeps them on one shard of a cluster."""
MESSAGE, NODE, REPORT = "m", "node", "r"


_Kind = Literal["change", "snapshot", "beat"]


class FeedError(Exception):
    """Something of the feed that is refused. Says why, and nothing that stands in it."""


class OtherKeyError(FeedError):
    """Made by the centre, and sealed with another key than the one that is here."""


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is otherwise from now on. What is None stays as it was."""

    format: int = FORMAT
    era: int = 0
    """Larger each time an operator lets the feed begin anew (`service.feed.eras`): numbers, hashes and
    `reaches` of two eras say nothing about each other."""
    number: int
    """One more than the change before, from 1."""
    before: str
    """The hash of the change before (`Signed.hash`), 64 hexadecimal digits; `START` for the first."""
    reaches: int
    """The registry's change up to which this goes (`outbox.seq`): what nodes confirm."""
    at: float
    """When the centre made it: seconds since 1970, its clock. Told, never decided by."""
    put: tuple[Restriction, ...] = ()
    """In the place of those with their ids."""
    gone: tuple[str, ...] = ()
    register: tuple[ConfidentialEntry, ...] | None = None
    """The confidential register, whole."""
    heightened: dict[str, Monitoring] | None = None
    """Everybody's monitoring, whole."""
    prisoners: Whereabouts | None = None
    """Of those who moved."""
    policy: Policy | None = None
    complete: bool = True
    """False where the centre lost a part of its list: then nothing is allowed on it."""
    restrictions: int
    """How many the list has afterwards: a node that counts otherwise has lost one."""
    fewer_is_right: bool = False
    """Two people confirmed that the list has become so much smaller."""
    unknown: tuple[str, ...] = ()
    """Never sent: names of what is in it and not known to whoever reads it."""
    whole: int = 0
    """Never sent: of what a node keeps that holds one prison's restrictions alone (`service.node.own`), how
    many the centre's list has; all else in it is of that node's list."""


class SnapshotHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a snapshot stands, and what is in it beside the saved blocklist."""

    format: int = FORMAT
    era: int = 0
    """A node takes a later one with a snapshot alone, and never an earlier one."""
    number: int
    """Of the last change that is in it."""
    hash: str
    """Of that change; `START` before the first."""
    reaches: int
    at: float
    restrictions: int
    prisoners: Whereabouts = {}
    policy: Policy | None = None
    fewer_is_right: bool = False
    """The centre's ledger accounts for every restriction that is no more: a node that has more of them takes
    this all the same."""
    index_format: int
    """`engine.blocklist.FORMAT` of the saved list: of another one the restrictions are compiled anew."""
    links: dict[int, str] = {}
    """Hashes of the last changes up to this one, by number: a node that stands at one of these numbers with
    another hash has something that this list never had, and refuses it."""
    unknown: tuple[str, ...] = ()
    """As of a change."""


class Beat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That the centre is there, its list known to be current, and which change is the last one."""

    format: int = FORMAT
    era: int = 0
    number: int
    """Of the last change; 0 before the first."""
    hash: str
    """Of that change; `START` before the first."""
    reaches: int
    term: int
    """One more with each publisher that began to lead."""
    tick: int
    """One more with each beat of a term. A beat whose (era, term, tick) is not above the last one's was
    carried again: it shows nothing."""
    at: float
    """When it was made: seconds since 1970, the centre's clock. Told, never decided by."""
    steady: float | None = None
    """The same by a clock of the leader's that nobody sets back, from any beginning: how much of it lies
    between two beats of a term is how far apart they were made. None of a centre that does not say it."""


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """Something sealed and signed, as it is carried."""

    kind: _Kind
    number: int
    """Plain, so that whoever carries it can keep it in order; believed only from within."""
    signature: bytes
    sealed: bytes

    @property
    def hash(self) -> str:
        """What the next change says stood before it."""
        return hashlib.sha256(_signed(self.kind, self.number, self.sealed)).hexdigest()


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a node says of itself: what it accepted, and what it refused and why."""

    format: int = FORMAT
    era: int = 0
    node: str
    number: int
    """The last change that is in force there; 0 for none."""
    reaches: int
    """The registry's change that this is."""
    blocklist: str = ""
    """The version of its list."""
    refused: int | None = None
    """The number of a change or snapshot that it will not take."""
    why: str = ""
    """Why not, in the words of a `FeedError`."""
    own: str = ""
    """The prison whose restrictions alone it holds, beside the estate's; "" for one that holds all."""
    age: float = 0.0
    """Seconds since it last heard of the centre, by a clock that nobody sets."""
    waiting: int = 0
    """Records that it has not forwarded yet."""
    software: str = ""
    canaries: bytes = b""
    """What became of its canaries, sealed (`service.feed.canaries`)."""
    hash: str = ""
    """Of that last change, as `Signed.hash`; "" from a node of the version before, and without a list."""
    proof: bytes = b""
    """The beat, as it was carried, that named this list as the newest: by it the centre knows again what it
    signed itself and has lost."""
    instance: str = ""
    """Which installation this is: drawn anew with each folder, and `counter` is its own."""
    ended: bool = False
    """That this is its last word until it is started again."""
    troubles: tuple[str, ...] = ()
    """Codes of what is wrong with it beside the feed (`TROUBLES`): no detail."""
    at: float
    """Its wall clock, seconds since 1970; told, never decided by."""
    counter: int
    """One more with each report, over restarts too: an older one offered again is not taken."""


TROUBLES: Final = {
    "ledger": "its ledger cannot be written: checks are refused",
    "list": "the newest list is not on its disk",
    "checkpoints": "its checkpoints are behind",
    "readers": "it cannot read pictures of letters",
    "centre": "it does not reach this service by HTTPS",
    "pictures": "pictures of held letters do not come in",
    "settled": "it does not hear what reviewers decided",
    "held": "it does not look at what it holds",
    "mail": "what was read on letters is not deleted",
}
"""What a node may say that troubles it, and how that is told here."""

pack = msgspec.msgpack.Encoder().encode
_signed_decoder = msgspec.msgpack.Decoder(Signed)
_changes = Understanding(Change)
_heads = Understanding(SnapshotHead)
_beats = msgspec.msgpack.Decoder(Beat)
_reports = msgspec.msgpack.Decoder(Report)
_instance = re.compile(r"[0-9a-f]{0,32}")


def make_change(vault: Vault, feed_key: bytes, change: Change) -> Signed:
    """Seal and sign a change."""
    return _make(vault, feed_key, "change", change.number, pack(change))


def make_snapshot(vault: Vault, feed_key: bytes, head: SnapshotHead, blocklist: bytes) -> Signed:
    """Seal and sign a snapshot; `blocklist` is its saved form (`engine.saved.save`)."""
    packed = pack(head)
    plain = len(packed).to_bytes(8, "big") + packed + blocklist
    return _make(vault, feed_key, "snapshot", head.number, plain)


def make_beat(vault: Vault, feed_key: bytes, beat: Beat) -> Signed:
    """Seal and sign a beat."""
    return _make(vault, feed_key, "beat", beat.number, pack(beat))


def open_change(public_key: Ed25519PublicKey, feed_key: bytes, signed: Signed) -> Change:
    """What is in it. Raises FeedError."""
    plain = _open(public_key, feed_key, signed, "change")
    try:
        change, unknown = _changes.decode(plain)
    except (msgspec.DecodeError, ValueError):
        raise FeedError("a change of an unknown form") from None
    _expect(change.format, change.number, signed.number)
    return msgspec.structs.replace(change, unknown=unknown) if unknown else change


def open_beat(public_key: Ed25519PublicKey, feed_key: bytes, signed: Signed) -> Beat:
    """What is in it. Raises FeedError."""
    plain = _open(public_key, feed_key, signed, "beat")
    try:
        beat = _beats.decode(plain)
    except (msgspec.DecodeError, ValueError):
        raise FeedError("a beat of an unknown form") from None
    _expect(beat.format, beat.number, signed.number)
    return beat


def open_snapshot(
    public_key: Ed25519PublicKey, feed_key: bytes, signed: Signed
) -> tuple[SnapshotHead, memoryview]:
    """The head and the saved blocklist. Raises FeedError."""
    plain = memoryview(_open(public_key, feed_key, signed, "snapshot"))
    size = int.from_bytes(plain[:8], "big")
    try:
        head, unknown = _heads.decode(plain[8 : 8 + size])
    except (msgspec.DecodeError, ValueError):
        raise FeedError("a snapshot of an unknown form") from None
    _expect(head.format, head.number, signed.number)
    return msgspec.structs.replace(head, unknown=unknown) if unknown else head, plain[8 + size :]


def encode(signed: Signed) -> bytes:
    """As it is carried."""
    return pack(signed)


def decode(carried: bytes) -> Signed:
    """Raises FeedError."""
    try:
        return _signed_decoder.decode(carried)
    except (msgspec.DecodeError, ValueError):
        raise FeedError("not a message of the feed") from None


def make_report(node_key: bytes, report: Report) -> bytes:
    """A report with what shows that the node itself made it."""
    packed = pack(report)
    return hmac.digest(node_key, _REPORT + packed, "sha256") + packed


def open_report(node_key: bytes, carried: bytes, node: str) -> Report:
    """The report of this node. Raises FeedError."""
    mac, packed = carried[:32], carried[32:]
    if not hmac.compare_digest(mac, hmac.digest(node_key, _REPORT + packed, "sha256")):
        raise FeedError("a report that this node did not make")
    try:
        report = _reports.decode(packed)
    except (msgspec.DecodeError, ValueError):
        raise FeedError("a report of an unknown form") from None
    if report.format != FORMAT or report.node != node or not _instance.fullmatch(report.instance):
        raise FeedError("a report of an unknown form")
    return _bounded(report)


def _bounded(report: Report) -> Report:
    """The report with nothing in it that a database does not take: what a node refused may have said any
    number, and one such report would hold up all behind it."""
    places = {
        name: _within(getattr(report, name), _LARGEST) for name in ("era", "number", "reaches", "counter")
    }
    return msgspec.structs.replace(
        report,
        refused=None if report.refused is None else _within(report.refused, _LARGEST),
        waiting=int(_within(report.waiting, _LARGEST_COUNT)),
        age=_within(report.age, _LONGEST_AGE) if report.age == report.age else _LONGEST_AGE,
        hash=_printed(report.hash, 64),
        why=_printed(report.why, 200),
        blocklist=_printed(report.blocklist, 80),
        software=_printed(report.software, 80),
        own=_printed(report.own, 3),
        **places,
    )


_Number = TypeVar("_Number", int, float)
_LARGEST, _LARGEST_COUNT, _LONGEST_AGE = 2**63 - 1, 2**31 - 1, 1e9


def _within(number: _Number, most: _Number) -> _Number:
    return min(max(number, 0), most)


def _printed(text: str, longest: int) -> str:
    return "".join(one for one in text[:longest] if one.isprintable())


_REPORT = b"nocontact report 1\0"


def _make(vault: Vault, feed_key: bytes, kind: _Kind, number: int, plain: bytes) -> Signed:
    sealed = seal_with(feed_key, plain, _context(kind, number))
    return Signed(kind, number, vault.sign(_signed(kind, number, sealed)), sealed)


def _open(public_key: Ed25519PublicKey, feed_key: bytes, signed: Signed, kind: str) -> bytes:
    if signed.kind != kind:
        raise FeedError(f"not a {kind}")
    try:
        public_key.verify(signed.signature, _signed(signed.kind, signed.number, signed.sealed))
        return open_with(feed_key, signed.sealed, _context(signed.kind, signed.number))
    except InvalidSignature:
        raise FeedError("a wrong signature") from None
    except SealError:
        raise OtherKeyError("it cannot be opened with the key of the feed") from None


def _expect(form: int, within: int, plain: int) -> None:
    if form != FORMAT:
        raise FeedError("of a format that is not known here")
    if within != plain:
        raise FeedError("not the number that it carries")


def _context(kind: str, number: int) -> str:
    return f"feed/{kind}/{number}"


def _signed(kind: str, number: int, sealed: bytes) -> bytes:
    return b"nocontact feed %d\0%s\0%d\0" % (FORMAT, kind.encode(), number) + hashlib.sha256(sealed).digest()
