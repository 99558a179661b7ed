"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.storage.database import Moment

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables of this step."""
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("prisons", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("password_at", Moment(), nullable=False),
        sa.Column("signed_in_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "answered",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answered")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("prisons", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_state_asked_at"), "approval", ["state", "asked_at"], unique=False)
    op.create_index(op.f("ix_approval_subject"), "approval", ["subject"], unique=False)
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "finder",
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("digest", "kind", "id", name=op.f("pk_finder")),
    )
    op.create_table(
        "ledger",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("prisoner", sa.String(length=7), nullable=True),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("blocklist", sa.String(length=80), nullable=True),
        sa.Column("policy", sa.String(length=80), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_actor_seq"), "ledger", ["actor", "seq"], unique=False)
    op.create_index(op.f("ix_ledger_at"), "ledger", ["at"], unique=False)
    op.create_index(op.f("ix_ledger_establishment_seq"), "ledger", ["establishment", "seq"], unique=False)
    op.create_index(op.f("ix_ledger_kind_seq"), "ledger", ["kind", "seq"], unique=False)
    op.create_index(op.f("ix_ledger_prisoner_seq"), "ledger", ["prisoner", "seq"], unique=False)
    op.create_index(op.f("ix_ledger_subject_seq"), "ledger", ["subject", "seq"], unique=False)
    op.create_table(
        "ledger_checkpoint",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "mail_item",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("tray", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=5), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("keep_until", Moment(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_item")),
    )
    op.create_index(op.f("ix_mail_item_keep_until"), "mail_item", ["keep_until"], unique=False)
    op.create_index(op.f("ix_mail_item_tray_place"), "mail_item", ["tray", "place"], unique=True)
    op.create_table(
        "mail_picture",
        sa.Column("item", sa.String(length=24), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("item", "page", name=op.f("pk_mail_picture")),
    )
    op.create_table(
        "mail_tray",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_tray")),
    )
    op.create_index(op.f("ix_mail_tray_made_at"), "mail_tray", ["made_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "kind", "id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "phone_drift",
        sa.Column("prisoner", sa.String(length=7), nullable=False),
        sa.Column("number", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("gone_at", Moment(), nullable=True),
        sa.Column("codes", sa.String(length=300), nullable=False),
        sa.Column("restrictions", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("prisoner", "number", "kind", name=op.f("pk_phone_drift")),
    )
    op.create_index(
        op.f("ix_phone_drift_gone_at_found_at"), "phone_drift", ["gone_at", "found_at"], unique=False
    )
    op.create_table(
        "phone_entry",
        sa.Column("prisoner", sa.String(length=7), nullable=False),
        sa.Column("number", sa.LargeBinary(length=16), nullable=False),
        sa.Column("first_seen", Moment(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("prisoner", "number", name=op.f("pk_phone_entry")),
    )
    op.create_index(op.f("ix_phone_entry_number"), "phone_entry", ["number"], unique=False)
    op.create_table(
        "phone_list",
        sa.Column("prisoner", sa.String(length=7), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("tried_at", Moment(), nullable=False),
        sa.Column("failed", sa.String(length=100), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("change", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("prisoner", name=op.f("pk_phone_list")),
    )
    op.create_index(op.f("ix_phone_list_change"), "phone_list", ["change"], unique=False)
    op.create_index(op.f("ix_phone_list_tried_at"), "phone_list", ["tried_at"], unique=False)
    op.create_table(
        "policy_version",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_policy_version")),
    )
    op.create_index(op.f("ix_policy_version_mode_seq"), "policy_version", ["mode", "seq"], unique=False)
    op.create_table(
        "prisoner",
        sa.Column("number", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("merged_into", sa.String(length=7), nullable=True),
        sa.PrimaryKeyConstraint("number", "version", name=op.f("pk_prisoner")),
    )
    op.create_index(
        op.f("ix_prisoner_latest_establishment"), "prisoner", ["latest", "establishment"], unique=False
    )
    op.create_index(op.f("ix_prisoner_merged_into"), "prisoner", ["merged_into"], unique=False)
    op.create_table(
        "register_version",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_register_version")),
    )
    op.create_index(
        op.f("ix_register_version_latest_state_id"),
        "register_version",
        ["latest", "state", "id"],
        unique=False,
    )
    op.create_table(
        "restriction_prisoner",
        sa.Column("prisoner", sa.String(length=7), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("prisoner", "id", name=op.f("pk_restriction_prisoner")),
    )
    op.create_index(op.f("ix_restriction_prisoner_id"), "restriction_prisoner", ["id"], unique=False)
    op.create_table(
        "restriction_version",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("pathway", sa.Integer(), nullable=True),
        sa.Column("court_order", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_restriction_version")),
    )
    op.create_index(
        op.f("ix_restriction_version_latest_state_id"),
        "restriction_version",
        ["latest", "state", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_restriction_version_seq"), "restriction_version", ["seq"], unique=False)
    op.create_table(
        "review_item",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("prisoner", sa.String(length=7), nullable=True),
        sa.Column("contact", sa.LargeBinary(length=16), nullable=True),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("gravity", sa.Integer(), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=200), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("effective_at", Moment(), nullable=True),
        sa.Column("second_by", sa.String(length=200), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_review_item")),
    )
    op.create_index(op.f("ix_review_item_claimed_by"), "review_item", ["claimed_by"], unique=False)
    op.create_index(op.f("ix_review_item_contact_seq"), "review_item", ["contact", "seq"], unique=False)
    op.create_index(op.f("ix_review_item_prisoner_seq"), "review_item", ["prisoner", "seq"], unique=False)
    op.create_index(
        op.f("ix_review_item_state_channel_establishment_code"),
        "review_item",
        ["state", "channel", "establishment", "code"],
        unique=False,
    )
    op.create_index(
        op.f("ix_review_item_state_code_gravity_at"),
        "review_item",
        ["state", "code", "gravity", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_review_item_state_due_establishment"),
        "review_item",
        ["state", "due", "establishment"],
        unique=False,
    )
    op.create_index(
        op.f("ix_review_item_state_effective_at"), "review_item", ["state", "effective_at"], unique=False
    )
    op.create_index(
        op.f("ix_review_item_state_establishment_gravity_at"),
        "review_item",
        ["state", "establishment", "gravity", "at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_review_item_state_gravity_at"), "review_item", ["state", "gravity", "at"], unique=False
    )
    op.create_table(
        "tried",
        sa.Column("contact", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("contact", "seq", name=op.f("pk_tried")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=True),
        sa.Column("subject", sa.String(length=150), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("prisons", sa.Text(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("last_seen", Moment(), nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_session_account_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"], unique=False)


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
