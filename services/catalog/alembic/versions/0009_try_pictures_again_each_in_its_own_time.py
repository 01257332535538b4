"""Try again to remove a picture that the store did not remove, each time later, while all others go on.

Columns that the release before neither reads nor writes: it goes on with every picture at once. Adding them changes no
row, and locks a table that is nearly always empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "unlinked_pictures",
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        schema="catalog",
    )
    op.add_column("unlinked_pictures", sa.Column("retry_at", sa.DateTime(timezone=True)), schema="catalog")


def downgrade() -> None:
    op.drop_column("unlinked_pictures", "retry_at", schema="catalog")
    op.drop_column("unlinked_pictures", "failures", schema="catalog")
