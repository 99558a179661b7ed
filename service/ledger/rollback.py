"""Whether the ledger is behind what was signed: held against the checkpoint files at a start.

Each checkpoint that is signed with the ledger's key says that its record was there, with this hash. Where the
ledger ends before it, or has another record there, somebody has put back an older database. A restored backup
is one too: then the operator says so (`nocontact accept-rollback`), which is a record of the ledger, signed
by its key. It settles the checkpoints whose last record is from before it, and none that is written after it;
so whoever puts back files cannot use it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime
from pathlib import Path

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from service.ledger import chain, checkpoints, heads, payloads
from service.ledger.checkpoints import Claim, Unreadable
from service.ledger.heads import Head
from service.ledger.record import Kind, Record, ledger, of_no_attempt
from service.storage.database import Database, moment_text
from service.storage.sealing import Vault

SUBJECT, ACCEPTED = "ledger/rollback", "accepted"
"""Of the record by which an operator accepts."""
AT_ONCE = 500
"""Records looked up in one statement."""

_log = structlog.get_logger(__name__)


class RollbackError(Exception):
    """The ledger is not the one that checkpoints were signed of. Says where, and what to do."""


class Conflict(msgspec.Struct, frozen=True):
    """The largest checkpoint that the ledger does not go with, and where the ledger ends."""

    checkpoint: Head
    last: int

    def __str__(self) -> str:
        seq, at = self.checkpoint.seq, self.checkpoint.at
        if seq > self.last:
            return f"the ledger ends at record {self.last:,}, and a checkpoint was signed at {seq:,} ({at})"
        return f"record {seq:,} is not the one that a checkpoint was signed at ({at})"


class _Accepted(msgspec.Struct, frozen=True):
    """What the record of an operator says; the signature in hexadecimal."""

    why: str
    until: str
    signature: str


def refuse_rollback(database: Database, key: Ed25519PublicKey, files: Sequence[Path]) -> None:
    """Raises RollbackError where the ledger is behind, or beside, a checkpoint in one of the files.

    A file that is not there is told in the log, as are lines that this ledger's key did not sign; one that
    cannot be read raises OSError.
    """
    conflict = find(database, key, files)
    if conflict is None:
        return
    _log.error("ledger_rolled_back", seq=conflict.last, size=conflict.checkpoint.seq)
    raise RollbackError(
        f"{conflict}: an older database was put back. If that was a restore that you meant, "
        "`nocontact accept-rollback --why …` records it, and the service starts"
    )


def find(database: Database, key: Ed25519PublicKey, files: Sequence[Path]) -> Conflict | None:
    """The largest that the ledger does not go with, and nobody has accepted. Raises as `refuse_rollback`."""
    last, against = _against(database, key, files)
    return Conflict(max(against, key=lambda one: one.seq), last) if against else None


def accept(
    database: Database, vault: Vault, files: Sequence[Path], why: str, actor: str, at: datetime
) -> str:
    """Record that the ledger is meant to be as it is. Gives what was wrong with it.

    Raises RollbackError where nothing is, and as `find`.
    """
    last, against = _against(database, vault.public_key, files)
    if not against:
        raise RollbackError("there is nothing to accept: the ledger goes with its checkpoints")
    found = str(Conflict(max(against, key=lambda one: one.seq), last))
    until = max(moment_text(at), *(one.at for one in against))  # of a clock that ran ahead, later than now
    accepted = _Accepted(why, until, vault.sign(_message(until)).hex())
    record = Record(
        at=at,
        kind=Kind.SYSTEM,
        actor=actor,
        subject=SUBJECT,
        outcome=ACCEPTED,
        detail=payloads.plain({**msgspec.structs.asdict(accepted), "found": found}),
    )
    with database.write() as connection:
        chain.append(connection, vault, [record])
    return found


def _against(database: Database, key: Ed25519PublicKey, files: Sequence[Path]) -> tuple[int, list[Head]]:
    """Where the ledger ends, and the signed checkpoints that it does not go with and nobody has accepted.

    What says the same as the ledger is read no further, and its signature is not asked for.
    """
    files = [file for file in files if _is_there(file)]
    said = {claim for file in files for claim in _said(file, key)}  # before the ledger, which may be ahead
    with database.read() as connection:
        last = _last(connection, key)
        differing = _differing(connection, said, last)
        until = settled(connection, key) if differing else ""
    if not differing:
        return last, []
    read = [line for file in files for line in checkpoints.lines(file, key) if isinstance(line, Head)]
    strange = [head for head in read if (head.seq, head.hash) in differing]
    signed = [head for head in strange if heads.is_signed(head, key)]
    if len(signed) < len(strange):
        _log.error("checkpoints_not_signed", count=len(strange) - len(signed))
    return last, [head for head in signed if head.at > until]


def _last(connection: Connection, key: Ed25519PublicKey) -> int:
    try:
        head = chain.head(connection)
    except (TypeError, ValueError, AttributeError, OverflowError):  # SQLite keeps any type in any column
        raise RollbackError("the end of the ledger cannot be read: it was changed") from None
    if head is None or not (head.seq or head.signature):
        return 0
    if not heads.is_signed(head, key):
        raise RollbackError("the end of the ledger is not signed with its key: it was changed")
    return head.seq


def _is_there(file: Path) -> bool:
    if file.exists():
        return True
    _log.warning("no_checkpoint_file")
    return False


def _said(file: Path, key: Ed25519PublicKey) -> Iterator[Claim]:
    """What a file says; nothing of it is known to be true."""
    unreadable = 0
    for claim in checkpoints.claims(file, key):
        if isinstance(claim, Unreadable):
            unreadable += 1
        else:
            yield claim
    if unreadable:
        _log.error("checkpoints_unreadable", count=unreadable)


def _differing(connection: Connection, said: Set[Claim], last: int) -> set[Claim]:
    """Those that say something else than the ledger."""
    stored = {(0, chain.BEGINNING)}
    numbers = sorted({seq for seq, _ in said if 0 < seq <= last})
    for at in range(0, len(numbers), AT_ONCE):
        wanted = select(ledger.c.seq, ledger.c.hash).where(ledger.c.seq.in_(numbers[at : at + AT_ONCE]))
        stored.update((row.seq, row.hash) for row in connection.execute(wanted))
    return {claim for claim in said if claim not in stored}


def settled(connection: Connection, key: Ed25519PublicKey) -> str:
    """Up to which time an operator has accepted; empty when never."""
    is_accepted = (ledger.c.subject == SUBJECT, of_no_attempt, ledger.c.outcome == ACCEPTED)
    wanted = select(ledger.c.detail).where(*is_accepted)
    until = ""
    for detail in connection.execute(wanted).scalars():
        try:
            accepted = msgspec.json.decode(detail, type=_Accepted)
            key.verify(bytes.fromhex(accepted.signature), _message(accepted.until))
        except (InvalidSignature, ValueError):
            continue
        until = max(until, accepted.until)
    return until


def _message(until: str) -> bytes:
    """What is signed of it; no note has such a byte."""
    return b"nocontact accepts a rollback\0" + until.encode()
