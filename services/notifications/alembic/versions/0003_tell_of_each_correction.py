"""Tell the shopper of each correction of a tracking number: news of one kind that may come several times.

One step: the column has a constant default, so no row is rewritten and the running release keeps writing. The
constraint that replaces the old one is built while the table is locked, for as long as its rows take.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("mails", sa.Column("occurrence", sa.Text, nullable=False, server_default=""), schema="notifications")
    op.create_unique_constraint(
        "mails_tell_all_news_once", "mails", ["order_id", "kind", "occurrence"], schema="notifications"
    )
    op.drop_constraint("mails_tell_each_kind_of_news_once", "mails", schema="notifications")


def downgrade() -> None:
    op.execute("DELETE FROM notifications.mails WHERE occurrence <> ''")
    op.create_unique_constraint(
        "mails_tell_each_kind_of_news_once", "mails", ["order_id", "kind"], schema="notifications"
    )
    op.drop_constraint("mails_tell_all_news_once", "mails", schema="notifications")
    op.drop_column("mails", "occurrence", schema="notifications")
