"""Pages by a key: each row once, in the order of the key, in both directions and within a group."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from chassis.data.keyset import keyset_page
from chassis.data.statement import Statement
from chassis.tests.data.tables import entries
from chassis.tests.ledger import ENTER

ASHA, BRAM = uuid.UUID(int=1), uuid.UUID(int=2)
ROWS, BY_TEXT = sa.select(entries.c.id, entries.c.text), {"text": entries.c.text, "id": entries.c.id}
OF_ACCOUNT = {"account": entries.c.account}
LAST_KEY = {False: ("", 0), True: ("~", 2**63 - 1)}


def read_page(group, descending):
    rows = keyset_page(ROWS, BY_TEXT, group=group, descending=descending)
    return Statement(rows.limit(bindparam("limit", type_=sa.Integer)))


PAGE_STATEMENTS = {
    (by, down): read_page(OF_ACCOUNT if by else None, down) for by in (False, True) for down in (False, True)
}


@pytest.mark.parametrize("descending", [False, True], ids=["upwards", "downwards"])
@pytest.mark.parametrize("group", [{}, {"account": ASHA}], ids=["all", "of an account"])
async def test_pages_have_each_row_once_in_the_order_of_the_key(ledger, group, descending):
    for account, text in [(ASHA, "c"), (BRAM, "a"), (ASHA, "a"), (BRAM, "c"), (ASHA, "b"), (ASHA, "a"), (BRAM, "b")]:
        await ledger.execute(ENTER, account=account, text=text)

    seen, (text, id_) = [], LAST_KEY[descending]
    while rows := await ledger.fetch_all(PAGE_STATEMENTS[bool(group), descending], **group, text=text, id=id_, limit=2):
        seen += [(row["text"], row["id"]) for row in rows]
        text, id_ = seen[-1]

    assert seen == sorted(seen, reverse=descending)
    assert "".join(sorted(text for text, _ in seen)) == ("aabc" if group else "aaabbcc")
    assert len(set(seen)) == len(seen)
