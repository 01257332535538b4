"""The tables of the auth service, in its own schema."""

import sqlalchemy as sa

from chassis.events.tables import outbox_table

metadata = sa.MetaData(schema="auth")


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email", sa.Text(collation="C"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    _now("created_at"),
    sa.Column("disabled_at", sa.DateTime(timezone=True)),
    sa.Column("verified_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("email", name="accounts_have_an_address_each"),
    sa.CheckConstraint("email = lower(email)", name="accounts_know_one_spelling"),
    sa.CheckConstraint("role IN ('customer', 'admin')", name="accounts_role_is_known"),
    # Of longer addresses the beginning is enough, and fits into a cursor.
    sa.Index("accounts_by_email", sa.text('"left"(email, 96)'), "id"),
    sa.Index("accounts_admins", "id", postgresql_where=sa.text("role = 'admin' AND disabled_at IS NULL")),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey(accounts.c.id), nullable=False, index=True),
    _now("began_at"),
    # Where it ends early this is brought forward: a session either goes on or has ended, whatever ended it.
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, index=True),
    # What bounds the tokens of a session, each of which is a row.
    sa.Column("refreshes", sa.Integer, nullable=False, server_default="0"),
)
refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("session_id", sa.Uuid, sa.ForeignKey(sessions.c.id, ondelete="CASCADE"), nullable=False, index=True),
    # Used ones stay as long as their session, to be known when they come again.
    sa.Column("used_at", sa.DateTime(timezone=True)),
)
known_networks = sa.Table(
    "known_networks",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey(accounts.c.id), primary_key=True),
    sa.Column("network", sa.Text, primary_key=True),
    sa.Column("used_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), index=True),
)
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
    # What is being tried right now; it lapses, in case that its holder died.
    sa.Column("held", sa.Integer, nullable=False, server_default="0"),
    _now("held_until"),
)
addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("address_line1", sa.Text, nullable=False),
    sa.Column("address_line2", sa.Text),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("postcode", sa.Text),
)
links = sa.Table(
    "links",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.UniqueConstraint("account_id", "purpose", name="links_are_the_newest_of_their_purpose"),
    sa.CheckConstraint("purpose IN ('reset-password', 'verify-email')", name="links_purpose_is_known"),
)
# One for each copy of its mail, and none before there is one.
link_tokens = sa.Table(
    "link_tokens",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("link_id", sa.Uuid, sa.ForeignKey(links.c.id, ondelete="CASCADE"), nullable=False, index=True),
)
# Of people with an account and of others; a row is gone when its mail is announced, or is found to be for nobody.
reset_requests = sa.Table(
    "reset_requests",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
)
signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("private_key", sa.LargeBinary, nullable=False),
    _now("created_at"),
    sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("octet_length(private_key) = 32", name="signing_keys_are_ed25519"),
)
outbox_table(metadata)
