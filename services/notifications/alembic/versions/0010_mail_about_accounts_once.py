"""Mail each news about an account once, also should the inbox not know its event any more.

An addition that the release before does not notice, built while mails are queued; of mails about accounts there are
those of 30 days.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS notifications.mails_tell_all_news_of_accounts_once")
        op.execute(
            "CREATE UNIQUE INDEX CONCURRENTLY mails_tell_all_news_of_accounts_once"
            " ON notifications.mails (user_id, kind, occurrence) WHERE order_id IS NULL"
        )


def downgrade() -> None:
    op.drop_index("mails_tell_all_news_of_accounts_once", "mails", schema="notifications")
