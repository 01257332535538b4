"""Keep what goes into the parcel, so that whoever packs it can read it there.

The column is empty for shipments that the release before has drafted. Adding it takes no time, however many there are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("shipments", sa.Column("items", JSONB), schema="shipping")


def downgrade() -> None:
    op.drop_column("shipments", "items", schema="shipping")
