"""Keep accounts, sessions, attempts and signing keys.

The first shape of the schema; nothing is locked, since nothing is there yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("email", name="accounts_have_an_address_each"),
        sa.CheckConstraint("email = lower(email)", name="accounts_know_one_spelling"),
        sa.CheckConstraint("role IN ('customer', 'admin')", name="accounts_role_is_known"),
        schema="auth",
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("auth.accounts.id"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        schema="auth",
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("session_id", sa.Uuid, sa.ForeignKey("auth.sessions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        schema="auth",
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        schema="auth",
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("private_key", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(private_key) = 32", name="signing_keys_are_ed25519"),
        schema="auth",
    )
    op.create_index("ix_auth_sessions_account_id", "sessions", ["account_id"], schema="auth")
    op.create_index("ix_auth_sessions_ends_at", "sessions", ["ends_at"], schema="auth")
    op.create_index("ix_auth_refresh_tokens_session_id", "refresh_tokens", ["session_id"], schema="auth")
    op.create_index("ix_auth_attempts_began_at", "attempts", ["began_at"], schema="auth")


def downgrade() -> None:
    for table in "signing_keys", "attempts", "refresh_tokens", "sessions", "accounts":
        op.drop_table(table, schema="auth")
