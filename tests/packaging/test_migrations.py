"""What a service calls its latest migration is what Alembic does."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.data.schema_version import head
from services import ROOT

SCRIPTS = sorted(ROOT.glob("services/*/alembic"))


@pytest.mark.parametrize("scripts", SCRIPTS, ids=[scripts.parent.name for scripts in SCRIPTS])
def test_the_latest_migration_is_alembics_only_head(scripts):
    config = Config()
    config.set_main_option("script_location", str(scripts))

    assert ScriptDirectory.from_config(config).get_heads() == [head(scripts)]
