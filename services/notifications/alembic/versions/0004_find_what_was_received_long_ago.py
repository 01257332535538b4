"""Find what was received long ago by its age, to delete it.

An addition that the release before does not notice. Events wait to be taken in for as long as the index takes to be
made, a second for a million rows.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("inbox_by_age", "inbox", ["received_at"], schema="notifications")


def downgrade() -> None:
    op.drop_index("inbox_by_age", "inbox", schema="notifications")
