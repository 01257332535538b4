"""Keep what names are compared, sorted and searched by.

Categories and SKUs that differ only by case, blanks or composition are twins, and only one may have the name: of those
that are there the oldest keeps it, the others get the next free number behind it. Characters that no text may have any
more go, a text that is blank without them becomes a dash, and what was sold in a currency that does not exist is taken
from sale at the same amount in euros, for an admin to correct. All products are rewritten once, a thousand at a time;
the release before cannot add products or categories after this.
"""

import unicodedata
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

REFUSED = r"\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"
INVISIBLE = (
    r" \u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200d\u202f\u205f-\u2065\u2800\u3000\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
CURRENCIES = (
    "^(A(ED|FN|LL|MD|OA|RS|UD|WG|ZN)|B(AM|BD|DT|HD|IF|MD|ND|OB|OV|RL|SD|TN|WP|YN|ZD)|C(AD|DF|HE|HF|HW|LF|"
    "LP|NY|OP|OU|RC|UP|VE|ZK)|D(JF|KK|OP|ZD)|E(GP|RN|TB|UR)|F(JD|KP)|G(BP|EL|HS|IP|MD|NF|TQ|YD)|H(KD|NL|T"
    "G|UF)|I(DR|LS|NR|QD|RR|SK)|J(MD|OD|PY)|K(ES|GS|HR|MF|PW|RW|WD|YD|ZT)|L(AK|BP|KR|RD|SL|YD)|M(AD|DL|GA"
    "|KD|MK|NT|OP|RU|UR|VR|WK|XN|XV|YR|ZN)|N(AD|GN|IO|OK|PR|ZD)|O(MR)|P(AB|EN|GK|HP|KR|LN|YG)|Q(AR)|R(ON|"
    "SD|UB|WF)|S(AR|BD|CR|DG|EK|GD|HP|LE|OS|RD|SP|TN|VC|YP|ZL)|T(HB|JS|MT|ND|OP|RY|TD|WD|ZS)|U(AH|GX|SD|S"
    "N|YI|YU|YW|ZS)|V(ED|ES|ND|UV)|W(ST)|X(AD|AF|CD|CG|OF|PF)|Y(ER)|Z(AR|MW|WG))$"
)
LIKE_LATIN = str.maketrans({"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})
LETTER_PARTS = {*range(10), *range(84, 133)}
ROWS = 1000
categories = sa.table(
    "categories", sa.column("id"), sa.column("name"), sa.column("key"), sa.column("sort_key"), schema="catalog"
)
products = sa.table(
    "products",
    sa.column("id"), sa.column("sku"), sa.column("title"), sa.column("description"), sa.column("currency"),
    sa.column("active"), sa.column("deleted_at"), sa.column("search_text"),
    schema="catalog",
)  # fmt: skip
images = sa.table("images", sa.column("alt"), schema="catalog")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    clean(categories, "name", "-")
    clean(products, "title", "-")
    clean(products, "description", "", lines=True)
    clean(images, "alt", "")
    op.execute(
        sa.update(products)
        .where(~products.c.currency.regexp_match(CURRENCIES))
        .values(currency="EUR", active=sa.false())
    )
    op.add_column("categories", sa.Column("key", sa.Text), schema="catalog")
    op.add_column("categories", sa.Column("sort_key", sa.Text(collation="C")), schema="catalog")
    op.add_column("products", sa.Column("search_text", sa.Text), schema="catalog")
    op.drop_constraint("categories_name_is_taken_once", "categories", schema="catalog")
    op.drop_index("products_sku_is_taken_once", "products", schema="catalog")
    connection = op.get_bind()
    rows = connection.execute(sa.select(categories.c.id, categories.c.name).order_by(categories.c.id)).all()
    for row, name in zip(rows, distinct((row.name for row in rows), name_key, " ({})", 80), strict=True):
        values = {"name": name, "key": name_key(name), "sort_key": folded(name)}
        connection.execute(sa.update(categories).where(categories.c.id == row.id).values(values))
    living = sa.select(products.c.id, products.c.sku).where(products.c.deleted_at.is_(None)).order_by(products.c.id)
    rows = connection.execute(living).all()
    for row, sku in zip(rows, distinct((row.sku for row in rows), str.lower, "-{}", 40), strict=True):
        if sku != row.sku:
            connection.execute(sa.update(products).where(products.c.id == row.id).values(sku=sku))
    last = "00000000-0000-0000-0000-000000000000"
    page = sa.select(products.c.id, products.c.title, products.c.description).order_by(products.c.id).limit(ROWS)
    while rows := connection.execute(page.where(products.c.id > sa.cast(last, sa.Uuid))).all():
        connection.execute(
            sa.update(products)
            .where(products.c.id == sa.bindparam("product"))
            .values(search_text=sa.bindparam("text")),
            [{"product": row.id, "text": f"{folded(row.title)}\n{folded(row.description)}"} for row in rows],
        )
        last = str(rows[-1].id)
    for table, column in ("categories", "key"), ("categories", "sort_key"), ("products", "search_text"):
        op.alter_column(table, column, nullable=False, schema="catalog")
    op.create_unique_constraint("categories_name_is_taken_once", "categories", ["key"], schema="catalog")
    op.create_index(
        "products_sku_is_taken_once",
        "products",
        [sa.text('lower(sku COLLATE "C")')],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def clean(table: sa.TableClause, column: str, blank: str, lines: bool = False) -> None:
    text, refused = table.c[column], REFUSED if lines else REFUSED + r"\t\n\r"
    has_refused, is_visible = text.regexp_match(f"[{refused}]"), text.regexp_match(f"[^{refused}{INVISIBLE}]")
    without = sa.func.regexp_replace(text, f"[{refused}]", "", "g")
    op.execute(
        sa.update(table)
        .where(has_refused | (~is_visible & (text != blank)))
        .values({column: sa.case((is_visible, without), else_=blank)})
    )


def distinct(names: Iterable[str], key: object, numbered: str, longest: int) -> Iterator[str]:
    """The names, each that is taken already with the next free number behind it."""
    taken: set[str] = set()
    for name in names:
        chosen, number = name, 1
        while key(chosen) in taken:
            number += 1
            suffix = numbered.format(number)
            chosen = name[: longest - len(suffix)] + suffix
        taken.add(key(chosen))
        yield chosen


def name_key(name: str) -> str:
    case = unicodedata.normalize("NFKC", name).casefold().replace("i\u0307", "i").replace("\u0131", "i")
    plain = unicodedata.normalize("NFKC", case)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(LIKE_LATIN))
    kept = (c for c in decomposed if unicodedata.combining(c) in LETTER_PARTS and unicodedata.category(c) != "Cf")
    return " ".join("".join(kept).split())


def downgrade() -> None:
    op.drop_index("products_sku_is_taken_once", "products", schema="catalog")
    op.create_index(
        "products_sku_is_taken_once",
        "products",
        ["sku"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_constraint("categories_name_is_taken_once", "categories", schema="catalog")
    op.create_unique_constraint("categories_name_is_taken_once", "categories", ["name"], schema="catalog")
    op.drop_column("products", "search_text", schema="catalog")
    op.drop_column("categories", "sort_key", schema="catalog")
    op.drop_column("categories", "key", schema="catalog")
