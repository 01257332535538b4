"""Find the mails of a user, whose address is to be erased from them.

An addition that the release before does not notice, built while mails are queued: some seconds for a million rows,
until which the next release is not ready.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS notifications.mails_of_a_user")
        op.execute("CREATE INDEX CONCURRENTLY mails_of_a_user ON notifications.mails (user_id)")


def downgrade() -> None:
    op.drop_index("mails_of_a_user", "mails", schema="notifications")
