"""One record of the ledger, and its table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    literal_column,
    text,
)

from service.storage.database import Moment, metadata


class Kind(StrEnum):
    """What happened."""

    DECISION = "decision"
    CHANGE = "change"
    VIEW = "view"
    """Somebody saw a protected person's details."""
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    REFUSED = "refused"
    """Somebody tried what they may not do, or a wrong password."""
    REVIEW = "review"
    """A flag was claimed, upheld, released, escalated."""
    SYSTEM = "system"
    """The service itself: started, stopped, blocklist in force, key rotated."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded. Everything but `sealed` is plain: it holds no protected detail, ever."""

    at: datetime
    kind: Kind
    actor: str
    """`Principal.id`, or "system"."""
    subject: str
    """What it is about: "restriction/R1/3", "attempt/…", "account/jsmith"."""
    prisoner: str | None = None
    establishment: str | None = None
    channel: str | None = None
    outcome: str | None = None
    """The decision; for the rest, one word such as "created"."""
    codes: str = ""
    """Reason codes, with commas between."""
    blocklist: str | None = None
    policy: str | None = None
    detail: bytes = b"{}"
    """A JSON object of what else is plain: restriction ids, versions, reason given."""
    sealed: bytes = b""
    """What is protected, sealed under the context "ledger/" + subject."""


NO_ATTEMPT = "kind <> 'decision'"
"""What the subjects' index has. Those of attempts are hashes: each would be a page of its own to write, and
`answered` finds them."""

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("prisoner", String(7)),
    Column("establishment", String(3)),
    Column("channel", String(10)),
    Column("outcome", String(20)),
    Column("codes", Text, nullable=False),
    Column("blocklist", String(80)),
    Column("policy", String(80)),
    Column("detail", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index(None, "kind", "seq"),
    Index(None, "actor", "seq"),
    Index(None, "subject", "seq", sqlite_where=text(NO_ATTEMPT), postgresql_where=text(NO_ATTEMPT)),
    Index(None, "prisoner", "seq"),
    Index(None, "establishment", "seq"),
    Index(None, "at"),
)
of_no_attempt = ledger.c.kind != literal_column("'decision'")
"""Asked together with a subject: it is looked up in the index, which no value at run time would allow."""
