"""List mails by their state, without reading past the others.

An addition that the release before does not notice, built while mails are queued and sent: some seconds for a million
rows, until which the next release is not ready.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS notifications.mails_by_status")
        op.execute("CREATE INDEX CONCURRENTLY mails_by_status ON notifications.mails (status, id)")


def downgrade() -> None:
    op.drop_index("mails_by_status", "mails", schema="notifications")
