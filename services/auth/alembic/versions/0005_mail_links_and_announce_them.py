"""Mail links by which a password is replaced or an address is verified, and announce those mails by an outbox.

New tables and a nullable column, which the running release does not notice. Nobody has verified an address yet.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("accounts", sa.Column("verified_at", sa.DateTime(timezone=True)), schema="auth")
    op.create_table(
        "links",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("account_id", "purpose", name="links_are_the_newest_of_their_purpose"),
        sa.CheckConstraint("purpose IN ('reset-password', 'verify-email')", name="links_purpose_is_known"),
        schema="auth",
    )
    op.create_table(
        "link_tokens",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("link_id", sa.Uuid, sa.ForeignKey("auth.links.id", ondelete="CASCADE"), nullable=False),
        schema="auth",
    )
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        schema="auth",
    )
    op.create_index("ix_auth_links_expires_at", "links", ["expires_at"], schema="auth")
    op.create_index("ix_auth_link_tokens_link_id", "link_tokens", ["link_id"], schema="auth")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("event_id", name="outbox_announces_an_event_once"),
        schema="auth",
    )
    # The relay asks only for what is still unpublished, so only that is indexed.
    op.create_index(
        "outbox_unpublished", "outbox", ["id"], schema="auth", postgresql_where=sa.text("published_at IS NULL")
    )


def downgrade() -> None:
    for table in "outbox", "reset_requests", "link_tokens", "links":
        op.drop_table(table, schema="auth")
    op.drop_column("accounts", "verified_at", schema="auth")
