"""Find the pictures in the bucket that no image names.

A table of its own, that the release before does not notice: what it leaves behind in the bucket stays there. Nothing is
locked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "unlinked_pictures",
        sa.Column("image_id", sa.Uuid, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="catalog",
    )
    op.create_index("unlinked_pictures_by_age", "unlinked_pictures", ["since"], schema="catalog")


def downgrade() -> None:
    op.drop_table("unlinked_pictures", schema="catalog")
