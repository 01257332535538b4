"""Pages of a list in the order of an index: each costs the same, wherever it begins and however much else there is."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

Columns = Mapping[str, sa.ColumnElement[Any]]


def keyset_page(
    rows: sa.Select[Any], key: Columns, *, group: Columns | None = None, descending: bool = False
) -> sa.Select[Any]:
    """These rows in the order of their key, from the one after the parameters that `key` names.

    With a `group`, one column and the name of its parameter, only rows that have this value there. It is compared by a
    range: by an equals sign the key alone would be an order, and PostgreSQL might read past the rows of all other
    groups in an index that has nothing but the key.
    """
    group = group or {}
    columns = [*group.values(), *key.values()]
    start = [bindparam(name, type_=column.type) for name, column in {**group, **key}.items()]
    row, after = (columns[0], start[0]) if len(columns) == 1 else (sa.tuple_(*columns), sa.tuple_(*start))
    rows = rows.where(row < after if descending else row > after)
    for column, value in zip(group.values(), start, strict=False):
        rows = rows.where(column >= value if descending else column <= value)
    return rows.order_by(*(column.desc() if descending else column for column in columns))
