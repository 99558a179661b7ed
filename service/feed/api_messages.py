"""What a node and the centre say to each other by HTTP, as JSON; bytes are base64.

| request | answer |
|---|---|
| `GET /v1/nodes/keys` | `NodeKeys`; 401 or 403 once the node is withdrawn |
| `POST /v1/nodes/records` with `NodeRecords` | `RecordsTaken`; 503 while the centre cannot write |

Both are asked by a node with its token (`Authorization: Bearer`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from engine.understood import Understanding
from service.ledger.payloads import Decided
from service.storage.sealing import SealError, open_with, seal_with

KEYS_PATH: Final = "/v1/nodes/keys"
RECORDS_PATH: Final = "/v1/nodes/records"
MOST_RECORDS: Final = 200
"""Of one request; further the centre's `NOCONTACT_LONGEST_BODY` bounds it, a MiB where nothing is set."""


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


class NodeRecords(msgspec.Struct, frozen=True):
    """Some records, in their order; at most `MOST_RECORDS`."""

    records: list[NodeRecord]


class RefusedRecord(msgspec.Struct, frozen=True):
    """One that the centre cannot take, and never will: told on the node, which goes on behind it."""

    seq: int
    why: str


class RecordsTaken(msgspec.Struct, frozen=True):
    """What became of each: all are in one of the two lists. Those of `recorded` are on the centre's disk."""

    recorded: list[int]
    refused: list[RefusedRecord] = []


_pack = msgspec.msgpack.Encoder().encode
_decided = Understanding(Decided)


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


def _context(subject: str) -> str:
    return f"node record/{subject}"
