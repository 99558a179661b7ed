"""Accounts, API keys and sessions. No password, secret or token stands here, only what checks one."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from service.storage.database import Moment, metadata
from service.storage.rows import mac_column

account = Table(
    "account",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("shown", LargeBinary, nullable=False),  # the person's name, sealed under "account/NAME"
    Column("roles", Text, nullable=False),  # with commas between, sorted
    Column("prisons", Text, nullable=False),  # the same; empty is every prison
    Column("password", Text, nullable=False),  # an argon2id hash with its parameters
    Column("state", String(10), nullable=False),
    Column("failed", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("must_change_password", Boolean, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("password_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
    mac_column(),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("label", LargeBinary, nullable=False),  # free text, which may name somebody: sealed under "key/ID"
    # SHA-256, and no slow hash such as argon2: that slows the guessing of what people choose. 256 random
    # bits cannot be guessed at any speed, and the hash is made for every check that is not cached.
    Column("digest", LargeBinary(32), nullable=False),
    Column("roles", Text, nullable=False),
    Column("prisons", Text, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    mac_column(),
)

session = Table(
    "session",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the cookie's 256 random bits
    Column("account", String(40), ForeignKey("account.name")),  # or, of somebody from the issuer:
    Column("subject", String(150)),
    Column("roles", Text, nullable=False),
    Column("prisons", Text, nullable=False),
    Column("shown", LargeBinary, nullable=False),  # sealed under "session/ID"
    Column("created", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("ended", Moment),
    mac_column(),
    Index(None, "account"),
)
