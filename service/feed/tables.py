"""The feed's tables: what was published, the nodes, and what each said of itself.

Changes are sealed and signed as they are carried, pictures sealed. Nothing else here is protected.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, Text

from service.storage.database import Moment, metadata
from service.storage.rows import mac_column

NAME = 40
"""Characters of a node's name: it is its key's id as well."""
INSTANCE = 32
"""Characters of an installation."""

_seq = BigInteger().with_variant(Integer, "sqlite")

feed_change = Table(
    "feed_change",
    metadata,
    Column("number", _seq, primary_key=True, autoincrement=False),
    Column("carried", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)
"""The last changes, in order: written before one is published, and kept until nobody can need it."""

node = Table(
    "node",
    metadata,
    Column("name", String(NAME), primary_key=True),
    Column("prison", String(3), nullable=False),
    Column("added", Moment, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("withdrawn", Moment),
    mac_column(),
)

node_report = Table(
    "node_report",
    metadata,
    Column("node", String(NAME), primary_key=True),
    Column("at", Moment, nullable=False),  # the centre's clock
    Column("counter", _seq, nullable=False),
    Column("number", _seq, nullable=False),
    Column("reaches", _seq, nullable=False),
    Column("refused", _seq),
    Column("why", Text, nullable=False),
    Column("blocklist", String(80), nullable=False),
    Column("age", Float, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("software", String(80), nullable=False),
    Column("canaries", LargeBinary),  # JSON, as `service.feed.canaries` packs it
    Column("own", String(3)),  # the prison whose restrictions alone it holds, beside the estate's
    Column("installations", Integer),  # that have to be reckoned with; none said for one
    Column("troubles", String(200)),  # codes, as `service.feed.messages` names them
)
"""The last report of each node; where several answer under its name, what all of them have."""

node_installation = Table(
    "node_installation",
    metadata,
    Column("node", String(NAME), primary_key=True),
    Column("instance", String(INSTANCE), primary_key=True),  # drawn by its folder; empty of one of before
    Column("began", _seq, nullable=False),  # the turn of its first word, of all words of all nodes
    Column("spoke", _seq, nullable=False),  # and of its last
    Column("at", Moment, nullable=False),  # the centre's clock
    Column("counter", _seq, nullable=False),
    Column("number", _seq, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("reaches", _seq, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("canaries", LargeBinary),
)
"""What each installation of a node said last."""

node_reached = Table(
    "node_reached",
    metadata,
    Column("node", String(NAME), primary_key=True),
    Column("reaches", _seq, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)
"""When each node was first heard to have reached a change."""

node_picture = Table(
    "node_picture",
    metadata,
    Column("seq", _seq, primary_key=True, autoincrement=False),  # the ledger's record of the node's decision
    Column("page", Integer, primary_key=True),  # 1 the front, 2 the back
    Column("keep_until", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # a JPEG
    Index(None, "keep_until"),
)
"""Envelopes that a node holds, for whoever reviews them here."""
