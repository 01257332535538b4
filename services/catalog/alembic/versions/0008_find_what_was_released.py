"""Find the reservations of cancelled orders by their age, to delete what nobody can ask for any more.

An addition that the release before does not notice. Reservations wait to be written for as long as the index takes to
be made, a second for a million rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "reservations_released",
        "reservations",
        ["created_at"],
        schema="catalog",
        postgresql_where=sa.text("status = 'RELEASED'"),
    )


def downgrade() -> None:
    op.drop_index("reservations_released", "reservations", schema="catalog")
