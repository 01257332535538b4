"""Remember whose address was erased, and how often a mail server took a mail without saying so.

Additions that the release before does not notice: it goes on deleting accounts that it erased. The table of deleted
accounts is small, and so is what its index locks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "mails", sa.Column("unconfirmed", sa.Integer, nullable=False, server_default="0"), schema="notifications"
    )
    op.add_column("deleted_accounts", sa.Column("erased_at", sa.DateTime(timezone=True)), schema="notifications")
    op.drop_index("ix_notifications_deleted_accounts_deleted_at", "deleted_accounts", schema="notifications")
    op.create_index(
        "deleted_accounts_to_erase",
        "deleted_accounts",
        ["deleted_at"],
        schema="notifications",
        postgresql_where=sa.text("erased_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("DELETE FROM notifications.deleted_accounts WHERE erased_at IS NOT NULL")
    op.drop_index("deleted_accounts_to_erase", "deleted_accounts", schema="notifications")
    op.create_index(
        "ix_notifications_deleted_accounts_deleted_at", "deleted_accounts", ["deleted_at"], schema="notifications"
    )
    op.drop_column("deleted_accounts", "erased_at", schema="notifications")
    op.drop_column("mails", "unconfirmed", schema="notifications")
