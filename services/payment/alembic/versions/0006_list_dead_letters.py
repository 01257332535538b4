"""List dead letters, so that each can be seen to.

An addition that the release before does not notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("operation", sa.Text),
        sa.Column("event_id", sa.Uuid),
        sa.Column("key", sa.Uuid),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redriven_at", sa.DateTime(timezone=True)),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Index("dead_letters_by_status", "status", "id"),
        sa.Index("dead_letters_by_age", "failed_at"),
        schema="payment",
    )


def downgrade() -> None:
    op.drop_table("dead_letters", schema="payment")
