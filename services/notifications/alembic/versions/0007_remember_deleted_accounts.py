"""Remember whose accounts were deleted, until their addresses are erased from their mails.

A table that the release before does not notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "deleted_accounts",
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="notifications",
    )
    op.create_index(
        "ix_notifications_deleted_accounts_deleted_at", "deleted_accounts", ["deleted_at"], schema="notifications"
    )


def downgrade() -> None:
    op.drop_table("deleted_accounts", schema="notifications")
