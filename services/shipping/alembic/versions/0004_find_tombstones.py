"""Find what is only known to be cancelled by its age, to delete what nobody can send any more.

An addition that the release before does not notice. Shipments wait to be written for as long as the index takes to be
made, a second for a million rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "shipments_tombstones",
        "shipments",
        ["created_at"],
        schema="shipping",
        postgresql_where=sa.text("status = 'CANCELLED' AND user_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("shipments_tombstones", "shipments", schema="shipping")
