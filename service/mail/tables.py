"""Trays and items of the mailroom. Plain columns hold no detail; pictures and readings are sealed."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table

from service.storage.database import Moment, metadata
from service.storage.rows import mac_column

mail_tray = Table(
    "mail_tray",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("establishment", String(3)),
    Column("expected", Integer),  # None: nobody counted them
    Column("made_at", Moment, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("closed_at", Moment),  # when all of it was done, and somebody said so
    Column("closed_by", String(200)),
    Index(None, "made_at"),
)

mail_item = Table(
    "mail_item",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("tray", String(64), nullable=False),
    Column("place", Integer, nullable=False),  # in the tray, from 1
    Column("establishment", String(3)),
    Column("taken_at", Moment, nullable=False),
    Column("taken_by", String(200), nullable=False),
    Column("version", Integer, nullable=False),  # how often it was corrected
    Column("decision", String(5), nullable=False),
    Column("action", String(20), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("privileged", Boolean, nullable=False),
    Column("done_at", Moment),  # when an officer went on from it
    Column("keep_until", Moment, nullable=False),
    Column("sealed", LargeBinary),  # what was read; None when its time was over
    mac_column(),
    Index(None, "tray", "place", unique=True),
    Index(None, "keep_until"),
)

mail_picture = Table(
    "mail_picture",
    metadata,
    Column("item", String(24), primary_key=True),
    Column("page", Integer, primary_key=True),  # 1 the front, 2 the back
    Column("sealed", LargeBinary, nullable=False),  # a JPEG
)

mail_asked = Table(
    "mail_asked",
    metadata,
    Column("item", String(24), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # the ledger's record of its decision
    mac_column(),
)
"""Which record answered each version of an item: by it what a reviewer decided reaches the letter."""
