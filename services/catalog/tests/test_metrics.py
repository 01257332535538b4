"""What Prometheus is told of reservations, on a real PostgreSQL."""

from uuid import UUID

from chassis.runtime.metrics import render_exposition
from generated.statements.catalog import COUNT_HELD_RESERVATIONS
from services.catalog.metrics import held_reservations_collector
from services.catalog.tests.conftest import LAMP
from services.catalog.tests.requests import ORDER, commit, reserve

ANOTHER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a002")


async def test_the_metric_of_reservations_counts_those_that_are_held_alone(client, lamp, database):
    for order in (ORDER, ANOTHER):
        assert (await reserve(client, (LAMP, 1), order=order)).status_code == 200
    await commit(client, order=ANOTHER)

    told = (await render_exposition([held_reservations_collector(database)])).decode().splitlines()

    assert "reservations_held 1.0" in told
    (age,) = [float(line.split()[1]) for line in told if line.startswith("reservations_oldest_age_seconds ")]
    assert 0 < age < 60


async def test_what_is_held_is_found_in_an_index_however_often_it_is_asked(database):
    async with database.dedicated_connection(enable_seqscan="off", plan_cache_mode="force_generic_plan") as connection:
        plan = await (
            await connection.execute(f"EXPLAIN {COUNT_HELD_RESERVATIONS.sql}", COUNT_HELD_RESERVATIONS.fixed)
        ).fetchall()

    assert "reservations_held" in str(plan)
