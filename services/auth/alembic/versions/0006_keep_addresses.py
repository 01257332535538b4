"""Keep the addresses that shoppers save.

A table that the release before does not notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address_line1", sa.Text, nullable=False),
        sa.Column("address_line2", sa.Text),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text),
        schema="auth",
    )
    op.create_index("ix_auth_addresses_account_id", "addresses", ["account_id"], schema="auth")


def downgrade() -> None:
    op.drop_table("addresses", schema="auth")
