"""A migration adds: the release before goes on while it is made, and after it, until everybody has the next one."""

import ast

import pytest

from services import ROOT

# What they took away went before there was a release that could be rolled back to.
BEFORE_THE_RULE = {
    "auth/0004", "catalog/0005", "notifications/0003", "order/0003",
}  # fmt: skip
TAKING = {"drop_column", "drop_table", "drop_constraint", "rename_table", "alter_column"}
MIGRATIONS = {
    f"{path.parts[-4]}/{path.name[:4]}": path for path in sorted(ROOT.glob("services/*/alembic/versions/0*.py"))
}


def takes_away(code):
    """The calls of `upgrade` after which the release before may not read or write what it did."""
    (upgrade,) = (node for node in ast.parse(code).body if getattr(node, "name", "") == "upgrade")
    calls = [
        (ast.unparse(call.func).removeprefix("op."), [ast.unparse(word) for word in call.args], call.keywords)
        for call in ast.walk(upgrade)
        if isinstance(call, ast.Call)
    ]
    renewed = {words[0] for name, words, _ in calls if name.startswith("create_") and words}
    for name, words, keywords in calls:
        changes = [ast.unparse(word) for word in keywords if word.arg not in ("schema", "existing_type")]
        is_relaxed = name == "alter_column" and changes == ["nullable=True"]
        is_renewed = name == "drop_constraint" and words[0] in renewed  # to allow more
        if name in TAKING and not is_relaxed and not is_renewed:
            yield name


def unused_since(code):
    """What a migration says: the one since which no release has used what it takes away."""
    return next(
        (
            node.value.value
            for node in ast.parse(code).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "unused_since"
        ),
        None,
    )


@pytest.mark.parametrize("name", MIGRATIONS.keys() - BEFORE_THE_RULE)
def test_a_migration_takes_away_only_what_an_earlier_release_has_left(name):
    code = MIGRATIONS[name].read_text("utf-8")

    if taken := list(takes_away(code)):
        since = unused_since(code)
        assert since is not None, f"{taken}: say `unused_since = ` the migration of the release that used it no more"
        assert f"{name[:-4]}{since}" in MIGRATIONS.keys() - {name}
        assert since < name[-4:]


def test_what_was_before_the_rule_is_no_more_than_that():
    taking = {name for name, path in MIGRATIONS.items() if list(takes_away(path.read_text("utf-8")))}

    assert taking >= BEFORE_THE_RULE
