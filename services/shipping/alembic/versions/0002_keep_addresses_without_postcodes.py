"""Keep addresses of countries without postcodes, and texts that look like what they say.

The release before goes on writing a postcode. Texts from before may hold control characters, marks that turn text
around, or nothing that can be seen, which no answer may say any more: the characters go, and what is blank without them
becomes a dash. Shipments are locked while they are looked through, a second for a million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# As common.yaml defines a line of text: what it may not have, and what in it can be seen.
REFUSED = r"\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"
INVISIBLE = (
    r" \u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200d\u202f\u205f-\u2065\u2800\u3000\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
RECIPIENT = "shipments_know_their_recipient_or_not"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(RECIPIENT, "shipments", schema="shipping")
    op.create_check_constraint(
        RECIPIENT,
        "shipments",
        "num_nulls(user_id, user_email, address_line1, city, country) IN (0, 5)",
        schema="shipping",
    )
    for column in ("address_line1", "city", "carrier"):
        clean("shipments", column, blank="-")
    clean("shipments", "address_line2", blank=None)

    # Where there are none, a dash had to be typed.
    op.execute("UPDATE shipping.shipments SET postcode = NULL WHERE postcode !~ '[A-Za-z0-9]'")


def clean(name: str, column: str, blank: str | None) -> None:
    text = sa.column(column)
    table = sa.table(name, text, schema="shipping")
    has_refused, is_visible = text.regexp_match(f"[{REFUSED}]"), text.regexp_match(f"[^{REFUSED}{INVISIBLE}]")
    without = sa.func.regexp_replace(text, f"[{REFUSED}]", "", "g")
    op.execute(
        sa.update(table).where(has_refused | ~is_visible).values({column: sa.case((is_visible, without), else_=blank)})
    )


def downgrade() -> None:
    op.execute("UPDATE shipping.shipments SET postcode = '-' WHERE postcode IS NULL AND user_id IS NOT NULL")
    op.drop_constraint(RECIPIENT, "shipments", schema="shipping")
    op.create_check_constraint(
        RECIPIENT,
        "shipments",
        "num_nulls(user_id, user_email, address_line1, city, country, postcode) IN (0, 6)",
        schema="shipping",
    )
