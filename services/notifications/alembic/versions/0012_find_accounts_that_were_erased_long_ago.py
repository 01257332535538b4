"""Find accounts whose address was erased long ago, to forget them with the last of their orders.

An addition that the release before does not notice. The table of deleted accounts is small, and so is what its index
locks.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("deleted_accounts_erased", "deleted_accounts", ["erased_at"], schema="notifications")


def downgrade() -> None:
    op.drop_index("deleted_accounts_erased", "deleted_accounts", schema="notifications")
