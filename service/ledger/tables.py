"""The tables around the chain: its signed head, the checkpoints, and which attempts are answered."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from service.ledger.record import ledger
from service.storage.database import Moment, metadata

HEAD = 1
"""The id of the one row of `ledger_head`."""

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("key", LargeBinary(32), nullable=False),  # the Ed25519 public key, to tell which one to check with
    Column("signature", LargeBinary(64), nullable=False),
    Column("origin", String(200)),  # none: signed in the older form, which had no tree
    Column("frontier", LargeBinary),  # the tree's; none before the first record
)

ledger_checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("origin", String(200)),
    Column("root", LargeBinary(32)),
)

answered = Table(
    "answered",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("digest", LargeBinary(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,  # a row is in its key's place, and not in two
)
"""Attempts that have their answer: asked again under the same key, they get it again and no new record."""

__all__ = ["HEAD", "answered", "ledger", "ledger_checkpoint", "ledger_head"]
