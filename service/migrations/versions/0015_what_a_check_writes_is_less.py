"""A check writes less: the subjects' index leaves attempts out, and a key's answer stands in one place."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NO_ATTEMPT = sa.text("kind <> 'decision'")


def upgrade() -> None:
    """Make both anew from what is there: minutes for tens of millions of records."""
    op.drop_index(op.f("ix_ledger_subject_seq"), table_name="ledger")
    op.create_index(
        op.f("ix_ledger_subject_seq"),
        "ledger",
        ["subject", "seq"],
        unique=False,
        sqlite_where=_NO_ATTEMPT,
        postgresql_where=_NO_ATTEMPT,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.rename_table("answered", "answered_before")
        op.create_table(
            "answered",
            sa.Column("key", sa.LargeBinary(length=16), nullable=False),
            sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
            sa.Column("seq", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("key", name=op.f("pk_answered")),
            sqlite_with_rowid=False,
        )
        # In the order of its keys: each page is written once.
        op.execute("INSERT INTO answered SELECT key, digest, seq FROM answered_before ORDER BY key")
        op.drop_table("answered_before")


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
