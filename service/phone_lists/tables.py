"""What is known of the lists in the phone system. Plain columns hold no detail."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from service.storage.database import Moment, metadata

_seq = BigInteger().with_variant(Integer, "sqlite")

phone_list = Table(
    "phone_list",
    metadata,
    Column("prisoner", String(7), primary_key=True),
    Column("read_at", Moment),  # the last time that it could be read and was screened
    Column("tried_at", Moment, nullable=False),
    Column("failed", String(100)),  # why it could not the last time
    Column("entries", Integer, nullable=False),
    Column("change", _seq, nullable=False),  # the registry's last change that it was screened with
    Index(None, "tried_at"),
    Index(None, "change"),
)

phone_entry = Table(
    "phone_entry",
    metadata,
    Column("prisoner", String(7), primary_key=True),
    Column("number", LargeBinary(16), primary_key=True),  # keyed hash, the same as of a restriction's number
    Column("first_seen", Moment),  # None: it stood there when his list was first read
    Column("confidential", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # number, name, the phone system's id
    Index(None, "number"),
)

phone_drift = Table(
    "phone_drift",
    metadata,
    Column("prisoner", String(7), primary_key=True),
    Column("number", LargeBinary(16), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("found_at", Moment, nullable=False),
    Column("gone_at", Moment),  # None while it is there
    Column("codes", String(300), nullable=False),
    Column("restrictions", String(2000), nullable=False),  # ids, a space between
    Column("review", _seq),  # the item of the queue, which is the ledger's record of the drift
    Column("basis", LargeBinary(16)),  # keyed hash of all that a reviewer decides upon
    Index(None, "gone_at", "found_at"),
)
