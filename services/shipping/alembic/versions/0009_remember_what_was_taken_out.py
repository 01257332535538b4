"""Remember under which changes of its order pieces were taken out of a parcel.

The column has a default, which the release before does not notice. Adding it takes no time, however many shipments
there are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "shipments", sa.Column("change_ids", ARRAY(sa.Uuid), nullable=False, server_default="{}"), schema="shipping"
    )


def downgrade() -> None:
    op.drop_column("shipments", "change_ids", schema="shipping")
