"""The way back to a letter: which record answered it, and whether its tray is closed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

from service.ledger import payloads
from service.mail.items import version_of
from service.migrations import schema
from service.storage.database import Moment
from service.storage.rows import mark_all
from service.storage.sealing import SealError

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the table and the columns; letters that are in the queue already are found in their records."""
    op.create_table(
        "mail_asked",
        sa.Column("item", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("item", "version", name=op.f("pk_mail_asked")),
    )
    op.add_column("mail_tray", sa.Column("closed_at", Moment(), nullable=True))
    op.add_column("mail_tray", sa.Column("closed_by", sa.String(length=200), nullable=True))
    _find_flagged(op.get_bind())


def _find_flagged(connection: sa.Connection) -> None:
    flagged = connection.execute(
        sa.text(
            "SELECT ledger.seq, ledger.subject, ledger.sealed FROM review_item"
            " JOIN ledger ON ledger.seq = review_item.seq WHERE review_item.channel = 'letter'"
            " ORDER BY ledger.seq"
        )
    ).all()
    if not flagged:
        return
    vault = schema.vault_of_step(context.config)
    there = set(connection.execute(sa.text("SELECT id FROM mail_item")).scalars())
    found: dict[tuple[str, int], int] = {}
    for row in flagged:
        try:
            asked = version_of(payloads.decision_of(vault, row.subject, bytes(row.sealed)).id)
        except SealError:
            continue
        if asked is not None and asked[0] in there:
            found.setdefault(asked, row.seq)
    wanted = sa.text("INSERT INTO mail_asked (item, version, seq) VALUES (:item, :version, :seq)")
    for (item, version), seq in found.items():
        connection.execute(wanted, {"item": item, "version": version, "seq": seq})
    mark_all(connection, vault, "mail_asked")


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
