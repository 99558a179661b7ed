"""What a node and the centre say to each other by HTTP, as JSON; bytes are base64.

| request | answer |
|---|---|
| `GET /v1/nodes/keys` | `NodeKeys`; 401 or 403 once the node is withdrawn |
| `POST /v1/nodes/records` with `NodeRecords` | `RecordsTaken`; 503 while the centre cannot write |
| `POST /v1/nodes/pictures?subject=…&at=…&page=1` with `seal_picture` | 204, it is kept; 404, no record yet |
| `GET /v1/nodes/settled?after=0&hash=…&asked=…` | `seal_settlements`: what was decided of the node's flags |

All are asked by a node with its token (`Authorization: Bearer`). A centre that is older answers 404 to the
last two.

A number of the centre's ledger that a node goes on from comes with the hash of the record there
(`LedgerPlace`): a centre that has no such record was restored, or lost what it committed, and says so
(`is_known`). The node begins again from the first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from engine.understood import Understanding
from service.ledger.payloads import Decided
from service.storage.database import moment_text
from service.storage.sealing import SealError, open_with, seal_with

KEYS_PATH: Final = "/v1/nodes/keys"
RECORDS_PATH: Final = "/v1/nodes/records"
PICTURES_PATH: Final = "/v1/nodes/pictures"
SETTLED_PATH: Final = "/v1/nodes/settled"
MOST_RECORDS: Final = 200
"""Of one request; further the centre's `NOCONTACT_LONGEST_BODY` bounds it, a MiB where nothing is set."""

LONGEST_PICTURE: Final = 4 << 20
"""Bytes of one page, sealed: noise at the size that is kept (`service.mail.pages`) is half of it."""
ASKED = r"[0-9a-f]{32}"
"""By what a node knows the answer to its own question."""
HASH = r"[0-9a-f]{64}"
"""Of a record of the ledger."""


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What `nocontact node-add` prints, as JSON: all that a node needs to begin."""

    name: str
    prison: str
    centre: str
    """The address of the centre, `https://nocontact.example`, without a path."""
    public_key: str
    """With which the feed is signed: PEM, Ed25519."""
    token: str
    """The node's machine key, `nck_NAME_…`: secret."""

    def __repr__(self) -> str:
        return f"Enrolment({self.name})"


class NodeKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What the node may open and seal with. Never on a disk."""

    feed_key: bytes
    """32 bytes: opens the feed."""
    node_key: bytes
    """32 bytes, this node's for as long as it is enrolled: for its reports and records, and its own vault."""
    epoch: int
    """One more each time a node was withdrawn and the feed got another key."""

    def __repr__(self) -> str:
        return f"NodeKeys({self.epoch})"


class LedgerPlace(msgspec.Struct, frozen=True):
    """A record of the centre's ledger, as a node remembers it: the same hash, the same records before it."""

    seq: int = 0
    """0 before the first."""
    hash: str = ""
    """Hexadecimal; empty where it is not known: a version of before noted the number alone."""


class NodeRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A decision's record in the ledger of a node: its plain columns, and what is sealed for the centre."""

    seq: int
    """Its number in the node's ledger."""
    at: datetime
    """The node's clock."""
    actor: str
    """Who asked there: `key:lei-phones`."""
    subject: str
    """`attempt/…` there. With `node` and `at` it is what is recorded once: sent again it is known."""
    prisoner: str | None = None
    establishment: str | None = None
    channel: str
    outcome: str
    codes: str = ""
    blocklist: str | None = None
    policy: str | None = None
    shadow: str | None = None
    """The shadow policy's decision, where it was another."""
    sealed: bytes
    """`seal_record` of what was asked and answered."""


class NodeRecords(msgspec.Struct, frozen=True, omit_defaults=True):
    """Some records, in their order; at most `MOST_RECORDS`, and none where a node only asks whether the
    centre still has the earlier ones."""

    records: list[NodeRecord]
    until: LedgerPlace | None = None
    """Where the centre's ledger ended when it took the ones before."""


class RefusedRecord(msgspec.Struct, frozen=True):
    """One that the centre cannot take, and never will: told on the node, which goes on behind it."""

    seq: int
    why: str


class RecordsTaken(msgspec.Struct, frozen=True):
    """What became of each: all are in one of the two lists. Those of `recorded` are on the centre's disk."""

    recorded: list[int]
    refused: list[RefusedRecord] = []
    until: LedgerPlace | None = None
    """Where the centre's ledger ends, these in it."""
    is_known: bool = True
    """Whether it has the place that was named; else all are handed in again."""


class NodeSettled(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer decided of one flag of the node's, under which that knows it."""

    actor: str
    """Who asked there."""
    channel: str
    id: str
    """The asker's own of the attempt."""
    at: datetime
    """When the node decided, by its clock: of attempts of one id that one is meant."""
    released: bool
    """Or it stays stopped."""


class NodeSettlements(msgspec.Struct, frozen=True):
    """What took effect after a number, in that order, and the number to go on from."""

    settled: list[NodeSettled]
    after: int
    more: bool
    """Whether there may be more at once."""
    hash: str = ""
    """Of the record at that number."""
    is_known: bool = True
    """Whether the centre's ledger has the place that was asked from; else nothing is told, and all is asked
    again."""


_pack = msgspec.msgpack.Encoder().encode
_decided = Understanding(Decided)
_settlements = msgspec.msgpack.Decoder(NodeSettlements)


def seal_record(node_key: bytes, subject: str, decided: Decided) -> bytes:
    """What was asked and answered, for the centre alone."""
    return seal_with(node_key, _pack(decided), _context(subject))


def open_record(node_key: bytes, subject: str, sealed: bytes) -> Decided:
    """The same, opened: what was asked is plain data. A reason that only a newer node knows is told as such.

    Raises SealError.
    """
    try:
        return _decided.decode(open_with(node_key, sealed, _context(subject)))[0]
    except (msgspec.DecodeError, ValueError):  # its text could hold what is in it
        raise SealError("a record that cannot be read") from None


def seal_picture(node_key: bytes, subject: str, at: datetime, page: int, picture: bytes) -> bytes:
    """A page of the letter that a record is about, for the centre alone."""
    return seal_with(node_key, picture, _of_page(subject, at, page))


def open_picture(node_key: bytes, subject: str, at: datetime, page: int, sealed: bytes) -> bytes:
    """The same, opened. Raises SealError."""
    return open_with(node_key, sealed, _of_page(subject, at, page))


def seal_settlements(node_key: bytes, asked: str, after: int, told: NodeSettlements) -> bytes:
    """The answer to one question of this node: to no other, and to no other node."""
    return seal_with(node_key, _pack(told), _of_question(asked, after))


def open_settlements(node_key: bytes, asked: str, after: int, sealed: bytes) -> NodeSettlements:
    """The same, opened. Raises SealError for whatever is not the centre's answer to this very question."""
    try:
        return _settlements.decode(open_with(node_key, sealed, _of_question(asked, after)))
    except (msgspec.DecodeError, ValueError):  # its text could hold what is in it
        raise SealError("an answer that cannot be read") from None


def _context(subject: str) -> str:
    return f"node record/{subject}"


def _of_page(subject: str, at: datetime, page: int) -> str:
    return f"node picture/{subject}/{moment_text(at)}/{page}"


def _of_question(asked: str, after: int) -> str:
    return f"node settled/{asked}/{after}"
