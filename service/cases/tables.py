"""The cases' tables: versions, which are only ever added, and each case's key, which is destroyed one day.

Plain are identifiers, prisoner numbers, prisons, dates and states; all that was asked, and what was written
about it, is sealed."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from service.storage.database import Moment, metadata
from service.storage.rows import mac_column

CASE = "case"
"""The kind of its records and outbox rows."""

_seq = BigInteger().with_variant(Integer, "sqlite")

case_version = Table(
    "case_version",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", _seq, nullable=False),  # the ledger's record of this change
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("state", String(15), nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("due", Moment),  # None: nothing is to be done
    Column("assigned", String(200)),
    Column("prisoner", String(7)),
    Column("establishment", String(3)),
    Column("restriction", String(200)),
    Column("source", LargeBinary(16)),  # of the first version: keyed hash of what it was opened from
    # A CaseDocument, under "case/ID/VERSION" with the case's own key; empty where that was destroyed.
    Column("sealed", LargeBinary, nullable=False),
    mac_column(),
    # Every column by which a list is made: no row is read beside it until it is shown.
    Index("ix_case_version_listed", "latest", "state", "due", "id", "prisoner", "assigned"),
    Index(None, "latest", "assigned", "due"),
    Index(None, "restriction"),
    Index(None, "prisoner"),
    Index(None, "source"),
)

case_figure = Table(
    "case_figure",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),  # keyed hash of the case's id: leads to no case
    Column("month", String(7), nullable=False),  # of receipt, 2026-05
    Column("establishment", String(3)),
    Column("kind", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("who", String(15), nullable=False),
    Column("state", String(15), nullable=False),
    Column("pathway", Integer),
    Column("hours", Integer),  # from receipt to in force
    Column("notice", String(10)),  # None: nothing is in force of which he is to be told
    Column("route", String(20)),  # of a report: by which way contact went on
    Column("police", Boolean, nullable=False),  # whether it went to the police
    # Every column that is counted: no row is read beside it.
    Index(
        "ix_case_figure_counted",
        *("month", "kind", "state", "establishment", "channel", "who", "pathway", "notice", "hours"),
        *("route", "police"),
    ),
)
"""What is counted of each case, as its latest version has it: codes alone."""

case_message = Table(
    "case_message",
    metadata,
    Column("id", String(20), primary_key=True),  # of the case
    Column("version", Integer, primary_key=True, autoincrement=False),  # of the case, that it tells of
    Column("at", Moment, nullable=False),
    Column("step", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("done_by", String(200)),  # who sent it, held it or let it go
    Column("done_at", Moment),
    Column("sealed", LargeBinary, nullable=False),  # a SealedMessage, under "message/ID/VERSION"
    mac_column(),
    Index(None, "state", "at"),
)

case_key = Table(
    "case_key",
    metadata,
    Column("id", String(20), primary_key=True),  # of the case; there is no row where it was destroyed
    Column("sealed", LargeBinary, nullable=False),  # the key, under "case key/ID"
)
