"""Find the reservations that are held among all that ever were.

An addition that the release before does not notice. Reservations wait to be written for as long as the index takes to
be made, a second for a million rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "reservations_held",
        "reservations",
        ["created_at"],
        schema="catalog",
        postgresql_where=sa.text("status = 'HELD'"),
    )


def downgrade() -> None:
    op.drop_index("reservations_held", "reservations", schema="catalog")
