"""Find accounts by their addresses, and keep some from being used.

A nullable column, two indexes, and the order of bytes for addresses, whatever the database's own is; the running
release notices none of it. Nobody comes in while the indexes are built, a few seconds for a million accounts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("accounts", sa.Column("disabled_at", sa.DateTime(timezone=True)), schema="auth")
    op.alter_column("accounts", "email", type_=sa.Text(collation="C"), schema="auth")
    op.create_index("accounts_by_email", "accounts", [sa.text('"left"(email, 96)'), "id"], schema="auth")
    op.create_index(
        "accounts_admins",
        "accounts",
        ["id"],
        schema="auth",
        postgresql_where=sa.text("role = 'admin' AND disabled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("accounts_admins", "accounts", schema="auth")
    op.drop_index("accounts_by_email", "accounts", schema="auth")
    op.alter_column("accounts", "email", type_=sa.Text(collation="default"), schema="auth")
    op.drop_column("accounts", "disabled_at", schema="auth")
