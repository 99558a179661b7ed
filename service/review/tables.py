"""The queue of what was flagged, and what was tried before. Plain columns hold no detail."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from service.storage.database import Moment, metadata
from service.storage.rows import mac_column

_seq = BigInteger().with_variant(Integer, "sqlite")

review_item = Table(
    "review_item",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),  # the ledger's record of the decision
    Column("at", Moment, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("establishment", String(3)),
    Column("prisoner", String(7)),
    Column("contact", LargeBinary(16)),  # keyed hash of the recipient
    Column("code", String(30), nullable=False),  # the gravest reason
    Column("gravity", Integer, nullable=False),
    Column("guarded", Boolean, nullable=False),  # pathway 1 or a court order: two people to let it go
    Column("state", String(10), nullable=False),
    Column("due", Moment, nullable=False),
    Column("token", Integer, nullable=False),  # counts the claims: an older one no longer decides
    Column("claimed_by", String(200)),
    Column("lease_until", Moment),
    Column("outcome", String(10)),
    Column("reason", String(40)),
    Column("decided_by", String(200)),
    Column("decided_at", Moment),
    Column("effective_at", Moment),
    Column("second_by", String(200)),
    Column("sealed", LargeBinary),  # the note, under "review/SEQ"
    mac_column(),
    Index(None, "state", "gravity", "at"),
    Index(None, "state", "establishment", "gravity", "at"),
    Index(None, "prisoner", "seq"),
    Index(None, "contact", "seq"),
    Index(None, "state", "code", "gravity", "at"),
    Index(None, "state", "channel", "establishment", "code"),  # the counts are read from it alone
    Index(None, "state", "due", "establishment"),
    Index(None, "state", "effective_at"),
    Index(None, "claimed_by"),
)

tried = Table(
    "tried",
    metadata,
    Column("contact", LargeBinary(16), primary_key=True),
    Column("seq", _seq, primary_key=True, autoincrement=False),
)
"""Attempts that were blocked or flagged, by the keyed hash of the recipient."""
