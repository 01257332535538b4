"""Bound the refreshes of a session.

Within the leeway a refresh token has several successors, so the tokens of a session are counted. A column with a
constant default: nothing is rewritten, and the running release keeps writing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("sessions", sa.Column("refreshes", sa.Integer, nullable=False, server_default="0"), schema="auth")


def downgrade() -> None:
    op.drop_column("sessions", "refreshes", schema="auth")
