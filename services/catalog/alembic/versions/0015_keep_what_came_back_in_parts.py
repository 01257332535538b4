"""Keep what came back of an order in parts, so that each part comes back once, and only the rest with the whole order.

The column has a default, which the release before does not notice. No row is rewritten.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "reservations", sa.Column("returned", JSONB, nullable=False, server_default=sa.text("'{}'")), schema="catalog"
    )


def downgrade() -> None:
    op.drop_column("reservations", "returned", schema="catalog")
