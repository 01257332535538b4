"""Mail people about their accounts, and keep those mails for a while only.

The order of a mail may be missing; the release before, which finds no such mail due, goes on. The check reads the table
while it is locked, for as long as its rows take.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("mails", "order_id", nullable=True, schema="notifications")
    op.create_check_constraint(
        "mails_about_accounts_have_an_occurrence",
        "mails",
        "order_id IS NOT NULL OR occurrence <> ''",
        schema="notifications",
    )
    op.create_index(
        "mails_about_accounts",
        "mails",
        ["queued_at"],
        schema="notifications",
        postgresql_where=sa.text("order_id IS NULL"),
    )


def downgrade() -> None:
    op.execute("DELETE FROM notifications.mails WHERE order_id IS NULL")
    op.drop_index("mails_about_accounts", "mails", schema="notifications")
    op.drop_constraint("mails_about_accounts_have_an_occurrence", "mails", schema="notifications")
    op.alter_column("mails", "order_id", nullable=False, schema="notifications")
