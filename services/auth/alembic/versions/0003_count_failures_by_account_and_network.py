"""Count failures by account and network, and only what is known to have failed.

Where an account was used from is remembered, so that a stranger elsewhere does not keep its owner out; a turn is held
before it is counted. Columns with constant or stable defaults: nothing is rewritten, and the running release keeps
counting in rows of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("attempts", sa.Column("held", sa.Integer, nullable=False, server_default="0"), schema="auth")
    op.add_column(
        "attempts",
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="auth",
    )
    op.create_table(
        "known_networks",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("auth.accounts.id"), primary_key=True),
        sa.Column("network", sa.Text, primary_key=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="auth",
    )
    op.create_index("ix_auth_known_networks_used_at", "known_networks", ["used_at"], schema="auth")


def downgrade() -> None:
    op.drop_table("known_networks", schema="auth")
    op.drop_column("attempts", "held_until", schema="auth")
    op.drop_column("attempts", "held", schema="auth")
