"""Keep what the products of a reservation cost, so that a repeat answers the same prices.

An addition that the release before does not notice; of the reservations that there are the prices are not known. No
row is rewritten.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "reservations", sa.Column("prices", JSONB, nullable=False, server_default=sa.text("'{}'")), schema="catalog"
    )


def downgrade() -> None:
    op.drop_column("reservations", "prices", schema="catalog")
