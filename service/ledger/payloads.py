"""What a record holds beside its columns: in `detail` what is plain, in `sealed` what is protected.

| record | plain (a JSON object) | sealed |
|---|---|---|
| decision | `DecisionDetail` | `Decided`: what was asked, and all of the answer |
| pattern over several attempts | `PatternDetail` | `Decided` of the attempt that completed it |
| number on a prisoner's list, to be decided | `DriftDetail` | `Decided`, as of a contact check |
| list in force | `ListDetail` | nothing |
| somebody saw, tried or decided something | what it says of itself | the reason they gave, a text |
| any other change | what it says of itself, nothing protected | nothing |

A record is never written again, so each payload is read in every version that was ever written. A version has
no number: the values are written by name. What is new has a default, which an older payload gets; a name is
never given to something else. What is unknown is passed over, but not in an attempt: screened again without
it, it would be another attempt; so no field of `Attempt` is ever taken away. A decision's `restrictions`,
`action` and `confidential` are those of its first version; `contact` came second, `shadow` third, `node` and
`decided` fourth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from engine.model import Attempt, Decision
from service.ledger.record import Kind, Record
from service.storage.sealing import SealError, Vault

T = TypeVar("T")


class DecisionDetail(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is plain of a decision, as it is written."""

    restrictions: list[str]
    action: str
    confidential: bool
    shadow: str | None = None
    """What the shadow policy would have decided, where that is something else."""
    contact: str | None = None
    """Keyed hash of the recipient in hex, of what was not allowed: by it tries at one contact are found."""
    node: str | None = None
    """Which node decided, where that was not the centre itself."""
    decided: datetime | None = None
    """When that was by the node's clock: it may have been cut off, and the record came later."""


class PatternDetail(msgspec.Struct, frozen=True):
    """What is plain of a pattern: the number of the record that completed it."""

    attempt: int


class DriftDetail(msgspec.Struct, frozen=True):
    """What is plain of a number on a list: the kind of drift, restrictions, the number's keyed hash."""

    drift: str
    restrictions: list[str]
    contact: str


class ListDetail(msgspec.Struct, frozen=True):
    """A list in force, the restrictions that cannot be read counted too. `change` is the last one in it."""

    restrictions: int
    register: int
    change: int


class Tried(msgspec.Struct, frozen=True):
    """What is read again of the plain part of whatever is in the queue, whatever its version."""

    restrictions: list[str] = []
    contact: str | None = None
    node: str | None = None


class Decided(msgspec.Struct, frozen=True):
    """What was asked and what was answered. What was asked is plain data when it is read."""

    attempt: Any
    """An attempt, or a contact that was asked about: whatever MessagePack makes of it."""
    decision: Decision


class _AttemptAlone(msgspec.Struct, frozen=True):
    attempt: Attempt


class _DecisionAlone(msgspec.Struct, frozen=True):
    decision: Decision


def plain(detail: msgspec.Struct | dict[str, object]) -> bytes:
    """The plain part. Loose values come in the order of their names."""
    return msgspec.json.encode(detail, order="sorted" if isinstance(detail, dict) else None)


def tried(detail: bytes | str) -> Tried:
    """The plain part of a decision or a pattern."""
    return _tried.decode(detail)


def named_in(row: Record) -> list[str]:
    """The restrictions that a record's plain part names."""
    return tried(row.detail).restrictions if row.kind is Kind.DECISION else []


def list_in_force(detail: bytes | str) -> ListDetail:
    """The plain part of a list in force."""
    return _list.decode(detail)


def seal(vault: Vault, subject: str, payload: Decided | str) -> bytes:
    """What a record about `subject` keeps sealed: a decision, or the text of a reason or a note."""
    packed = payload.encode() if isinstance(payload, str) else _pack(payload)
    return vault.seal(packed, _context(subject))


def decided(vault: Vault, subject: str, sealed: bytes) -> Decided:
    """What was asked, as plain data, and the answer. Raises SealError for what cannot be read."""
    return _open(vault, subject, sealed, _decided)


def attempt_of(vault: Vault, subject: str, sealed: bytes) -> Attempt:
    """The attempt, whether or not its answer can be read. Raises SealError; of a contact too."""
    return _open(vault, subject, sealed, _attempt).attempt


def decision_of(vault: Vault, subject: str, sealed: bytes) -> Decision:
    """The answer, whether or not what was asked can be read. Raises SealError."""
    return _open(vault, subject, sealed, _decision).decision


def text(vault: Vault, subject: str, sealed: bytes) -> str:
    """The reason or note that a record about `subject` keeps sealed. Raises SealError."""
    return vault.open(sealed, _context(subject)).decode()


def _open(vault: Vault, subject: str, sealed: bytes, read: msgspec.msgpack.Decoder[T]) -> T:
    try:
        return read.decode(vault.open(sealed, _context(subject)))
    except msgspec.DecodeError:  # its text could hold what is in it
        raise SealError(f"cannot be read: {subject}") from None


def _context(subject: str) -> str:
    return f"ledger/{subject}"


_tried = msgspec.json.Decoder(Tried)
_list = msgspec.json.Decoder(ListDetail)
_decided = msgspec.msgpack.Decoder(Decided)
_attempt = msgspec.msgpack.Decoder(_AttemptAlone)
_decision = msgspec.msgpack.Decoder(_DecisionAlone)
_pack = msgspec.msgpack.Encoder().encode
