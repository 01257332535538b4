"""Take mails by when they are due, so that one that fails again and again is not first again and again.

One step: the index replaces the one over when things happened, which nobody asks any more. Building it locks the table
for as long as the waiting mails take, which are few.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
WAITING = sa.text("status = 'QUEUED'")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "mails_due",
        "mails",
        [sa.text("(refusals > 0)"), "next_try_at", "happened_at", "id"],
        schema="notifications",
        postgresql_where=WAITING,
    )
    op.drop_index("mails_waiting", "mails", schema="notifications")


def downgrade() -> None:
    op.create_index("mails_waiting", "mails", ["happened_at", "id"], schema="notifications", postgresql_where=WAITING)
    op.drop_index("mails_due", "mails", schema="notifications")
