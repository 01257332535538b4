"""Keep addresses of countries without postcodes, and texts that look like what they say.

The release before goes on writing a postcode. Texts from before may hold control characters, marks that turn text
around, or nothing that can be seen, which no answer may say any more: the characters go, and what is blank without them
becomes a dash. Orders are locked for writing while they are looked through, a second for a million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# As common.yaml defines a line of text: what it may not have, and what in it can be seen.
REFUSED = r"\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"
INVISIBLE = (
    r" \u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200d\u202f\u205f-\u2065\u2800\u3000\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
TEXTS = {"orders": ("address_line1", "city"), "lines": ("title",)}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("orders", "postcode", nullable=True, schema="orders")
    for table, columns in TEXTS.items():
        for column in columns:
            clean(table, column, blank="-")
    clean("orders", "address_line2", blank=None)

    # Where there are none, a dash had to be typed.
    op.execute("UPDATE orders.orders SET postcode = NULL WHERE postcode !~ '[A-Za-z0-9]'")


def clean(name: str, column: str, blank: str | None) -> None:
    text = sa.column(column)
    table = sa.table(name, text, schema="orders")
    has_refused, is_visible = text.regexp_match(f"[{REFUSED}]"), text.regexp_match(f"[^{REFUSED}{INVISIBLE}]")
    without = sa.func.regexp_replace(text, f"[{REFUSED}]", "", "g")
    op.execute(
        sa.update(table).where(has_refused | ~is_visible).values({column: sa.case((is_visible, without), else_=blank)})
    )


def downgrade() -> None:
    op.execute("UPDATE orders.orders SET postcode = '-' WHERE postcode IS NULL")
    op.alter_column("orders", "postcode", nullable=False, schema="orders")
