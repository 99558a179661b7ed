"""The registry's tables: versions, which are only ever added, and what they are found by.

Plain are identifiers, prisoner numbers, prisons, dates and states. Names, numbers, addresses, notes and
reasons are sealed; a row of `finder` leads from the keyed hash of one of them to what holds it.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from service.storage.database import Moment, metadata
from service.storage.rows import mac_column

ID = 200
"""Characters of an identifier."""

_seq = BigInteger().with_variant(Integer, "sqlite")

restriction_version = Table(
    "restriction_version",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", _seq, nullable=False),  # the ledger's record of this change
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("confirmed_by", String(200)),  # the second person, where one was needed
    Column("state", String(10), nullable=False),
    Column("latest", Boolean, nullable=False),  # whether no later version stands; the one thing that changes
    Column("establishment", String(3)),
    Column("pathway", Integer),
    Column("court_order", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # a Document, under "restriction/ID/VERSION"
    mac_column(),
    Index(None, "latest", "state", "id"),
    Index(None, "seq"),
)

restriction_prisoner = Table(
    "restriction_prisoner",
    metadata,
    Column("prisoner", String(7), primary_key=True),
    Column("id", String(ID), primary_key=True),
    Index(None, "id"),
)
"""Which restrictions any version of which names a prisoner."""

finder = Table(
    "finder",
    metadata,
    Column("digest", LargeBinary(16), primary_key=True),
    Column("kind", String(11), primary_key=True),  # "restriction", "register" or "directory"
    Column("id", String(ID), primary_key=True),
)
"""Which listings held a value in any version. What is found is read and looked at again."""

register_version = Table(
    "register_version",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", _seq, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("confirmed_by", String(200)),
    Column("state", String(10), nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # an EntryDocument, under "register/ID/VERSION"
    mac_column(),
    Index(None, "latest", "state", "id"),
)

prisoner = Table(
    "prisoner",
    metadata,
    Column("number", String(7), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", _seq, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("establishment", String(3)),  # None: nobody knows where
    Column("merged_into", String(7)),  # the number that stands for the same person now
    mac_column(),
    Index(None, "latest", "establishment"),
    Index(None, "merged_into"),
)

monitoring_version = Table(
    "monitoring_version",
    metadata,
    Column("id", String(7), primary_key=True),  # the prisoner number under which it was started
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", _seq, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("state", String(10), nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # a MonitoringDocument, under "monitoring/ID/VERSION"
    mac_column(),
    Index(None, "latest"),
)

directory_version = Table(
    "directory_version",
    metadata,
    Column("id", String(7), primary_key=True),  # a prisoner number
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", _seq, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("latest", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # a Particulars, under "directory/ID/VERSION"
    mac_column(),
    Index(None, "latest", "id"),
)
"""Who the prisoners are; where each is stands in `prisoner`."""

approval = Table(
    "approval",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("base", Integer, nullable=False),  # the version that it would change; 0 for none
    Column("establishment", String(3)),
    Column("asked_by", String(200), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("decided_by", String(200)),
    Column("decided_at", Moment),
    Column("sealed", LargeBinary, nullable=False),  # what was asked, under "approval/ID"
    mac_column(),
    Index(None, "state", "asked_at"),
    Index(None, "subject"),
)

policy_version = Table(
    "policy_version",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),  # the ledger's record of this change
    Column("at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("confirmed_by", String(200), nullable=False),
    Column("mode", String(10), nullable=False),  # "live", or "shadow", which only records
    Column("version", String(80)),  # None: no shadow any more
    Column("text", Text, nullable=False),
    mac_column(),
    Index(None, "mode", "seq"),
)
"""Policies that were put in force, the last of each mode holds."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),  # the ledger's, so in the order of commits
    Column("kind", String(11), primary_key=True),
    Column("id", String(ID), primary_key=True),
    Column("removed", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)
"""What changed, for whoever keeps a copy: this process's blocklist, and other machines' feeds."""
