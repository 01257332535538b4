"""The tables of the notifications service, in its own schema."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.events.tables import dead_letters_table, inbox_table

metadata = sa.MetaData(schema="notifications")

# No foreign key leads here from the mails: their news may come first.
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("order_id", sa.Uuid, primary_key=True),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("total_cents", sa.BigInteger, nullable=False),
    sa.Column("lines", JSONB, nullable=False),
)
mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid),  # none where it is about an account
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
    # Empty for what is told of an order once; what can come several times has the event's id.
    sa.Column("occurrence", sa.Text, nullable=False, server_default=""),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="QUEUED"),
    sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    # How often it was claimed: whoever claimed it last is known by this number.
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refusals", sa.Integer, nullable=False, server_default="0"),
    # How many of these were no answer to the whole mail, so that the mail server may have taken it.
    sa.Column("unconfirmed", sa.Integer, nullable=False, server_default="0"),
    # In the future while somebody sends it, and while it waits to be tried again.
    sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("order_id", "kind", "occurrence", name="mails_tell_all_news_once"),
    sa.CheckConstraint("order_id IS NOT NULL OR occurrence <> ''", name="mails_about_accounts_have_an_occurrence"),
    sa.CheckConstraint("status IN ('QUEUED', 'SENT', 'FAILED')", name="mails_status_is_known"),
    sa.CheckConstraint("(status = 'SENT') = (sent_at IS NOT NULL)", name="mails_sent_say_when"),
    sa.Index("mails_by_status", "status", "id"),
    # The dispatcher asks only for what still waits, so only that is indexed.
    sa.Index(
        "mails_due",
        sa.text("(refusals > 0)"),
        "next_try_at",
        "happened_at",
        "id",
        postgresql_where=sa.text("status = 'QUEUED'"),
    ),
)
# Whose address is to be erased, and since when, and whose was: nothing is mailed to them any more. Those stay, as an id
# and two times, for as long as any of their orders does: it may have news after years.
deleted_accounts = sa.Table(
    "deleted_accounts",
    metadata,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("erased_at", sa.DateTime(timezone=True)),
    sa.Index("deleted_accounts_to_erase", "deleted_at", postgresql_where=sa.text("erased_at IS NULL")),
    sa.Index("deleted_accounts_erased", "erased_at"),
)
sa.Index("mails_of_a_user", mails.c.user_id)
# Behind the inbox, as the constraint on mails about orders.
sa.Index(
    "mails_tell_all_news_of_accounts_once",
    mails.c.user_id,
    mails.c.kind,
    mails.c.occurrence,
    unique=True,
    postgresql_where=sa.text("order_id IS NULL"),
)
sa.Index("mails_about_accounts", mails.c.queued_at, postgresql_where=sa.text("order_id IS NULL"))
inbox_table(metadata)
dead_letters_table(metadata)
