"""Keep entries, so that the tests of the chassis have something to change."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("account", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        schema="ledger",
    )


def downgrade() -> None:
    op.drop_table("entries", schema="ledger")
