"""Find what is only known to be cancelled by its age, to delete what nobody can pay any more.

An addition that the release before does not notice. Payments wait to be written for as long as the index takes to be
made, a second for a million rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "payments_tombstones",
        "payments",
        ["created_at"],
        schema="payment",
        postgresql_where=sa.text("user_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("payments_tombstones", "payments", schema="payment")
